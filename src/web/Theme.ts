/**
 * How pages look: one style sheet, light and dark as the reader has chosen, from a phone to a wide screen. Served as a file of
 * its own, so that a content policy can forbid every other style.
 *
 * @since 0.1.0
 */

/** Every text is at least 4.5 : 1 against what is behind it, every line that means something 3 : 1. */
const colors = `:root{color-scheme:light dark;
--ground:#f6f7f8;--surface:#fff;--sunk:#f0f2f4;--text:#1c2126;--quiet:#56606b;--edge:#d9dee3;--control:#868f99;
--accent:#1d5bb8;--on-accent:#fff;--good:#17693f;--good-ground:#e3f4ea;--warn:#7a4d00;--warn-ground:#fdf1d8;
--bad:#ae1f16;--bad-ground:#fdeae8;--s0:#2f6fd0;--s1:#c93c50;--s2:#1f8a7d;--s3:#a8690a;--s4:#7557c4}
@media (prefers-color-scheme:dark){:root{
--ground:#121518;--surface:#1a1e22;--sunk:#22272c;--text:#e7eaed;--quiet:#a3adb8;--edge:#323941;--control:#77818c;
--accent:#86b4ff;--on-accent:#0c1930;--good:#7ddba5;--good-ground:#15301f;--warn:#f0c265;--warn-ground:#33270d;
--bad:#ff9d94;--bad-ground:#3b1a17;--s0:#6ea3f7;--s1:#f27f8f;--s2:#4cc3b3;--s3:#dca24a;--s4:#ab94f0}}
`

const ground = `*,*::before,*::after{box-sizing:border-box}
html{font:100%/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .35rem;letter-spacing:-.01em}
h2{font-size:1.1rem;line-height:1.3;margin:0 0 .75rem}
h3{font-size:1rem;margin:1.25rem 0 .4rem}
p{margin:0 0 .75rem;max-width:70ch}
a{color:var(--accent)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
code{overflow-wrap:anywhere}
pre{margin:0;padding:.8rem;background:var(--sunk);border-radius:.4rem;white-space:pre-wrap;overflow-wrap:anywhere}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
.unseen:not(:focus){position:absolute;width:1px;height:1px;margin:-1px;padding:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap;border:0}
.skip:focus{position:fixed;top:.5rem;left:.5rem;z-index:2;padding:.5rem 1rem;background:var(--surface);border-radius:.4rem}
.quiet{color:var(--quiet)}
.whole{white-space:nowrap}
.lead{color:var(--quiet);margin-bottom:1.25rem}
.empty{color:var(--quiet);margin:.25rem 0}
`

const layout = `.top{padding:.9rem 1rem .4rem}
.product{display:flex;flex-wrap:wrap;gap:.3rem .6rem;align-items:center;font-weight:650;margin:0 0 .6rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem;margin:0 -.35rem;padding:0}
nav a{display:block;padding:.4rem .65rem;border-radius:.4rem;color:var(--text);text-decoration:none}
nav a:hover{background:var(--sunk)}
nav a[aria-current=page]{background:var(--surface);font-weight:600;box-shadow:inset 0 0 0 1px var(--edge)}
main{padding:1rem;max-width:78rem}
main:focus{outline:0}
.foot{padding:1rem;color:var(--quiet);font-size:.875rem}
.grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));align-items:start}
.card{min-width:0;background:var(--surface);border:1px solid var(--edge);border-radius:.6rem;padding:1rem;margin:0 0 1rem}
.grid>.card,.sides>.card{margin:0}
.grid{margin-bottom:1rem}
.card>:last-child{margin-bottom:0}
.card>[data-live]>:last-child{margin-bottom:0}
.columns{columns:20rem;column-gap:2rem;margin:0 0 .75rem;padding-left:1.2rem}
@media (min-width:60rem){
body{display:grid;grid-template-columns:14rem minmax(0,1fr);grid-template-rows:1fr auto;min-height:100vh}
.top{grid-row:1/3;padding:1.5rem 1rem;border-right:1px solid var(--edge)}
.top>div{position:sticky;top:1.5rem}
.top nav ul{flex-direction:column}
main{padding:1.75rem 2rem}
.foot{grid-column:2;padding:1rem 2rem}
.card{padding:1.25rem}
}
`

/** Rows as blocks, where the room is narrower than that. */
const blocks = (name: string, width: string): string =>
  `@container (max-width:${width}){
.${name},.${name} tbody,.${name} tr,.${name} caption{display:block}
.${name} thead{position:absolute;clip-path:inset(50%);height:1px;width:1px;overflow:hidden}
.${name} tr{padding:.5rem 0;border-bottom:1px solid var(--edge)}
.${name} tr:last-child{border-bottom:0}
.${name} tbody :is(td,th){display:grid;grid-template-columns:6.5rem minmax(0,1fr);gap:.75rem;min-width:0;max-width:none;padding:.1rem 0;border:0;text-align:left;white-space:normal}
.${name} tbody :is(td,th)::before{content:attr(data-label);color:var(--quiet);font-size:.875rem}
}
`

const parts =
  `.badge{display:inline-block;padding:.05rem .5rem;border-radius:1rem;font-size:.8125rem;font-weight:600;background:var(--sunk);color:var(--text);white-space:nowrap}
.badge.good{background:var(--good-ground);color:var(--good)}
.badge.warn{background:var(--warn-ground);color:var(--warn)}
.badge.bad{background:var(--bad-ground);color:var(--bad)}
.notice{padding:.7rem 1rem;border-radius:.5rem;margin:0 0 1rem;max-width:none;background:var(--sunk)}
.notice.good{background:var(--good-ground);color:var(--good)}
.notice.warn{background:var(--warn-ground);color:var(--warn)}
.notice.bad{background:var(--bad-ground);color:var(--bad)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));gap:.75rem;margin:0 0 1rem;padding:0;list-style:none}
.tiles li{background:var(--surface);border:1px solid var(--edge);border-radius:.6rem;padding:.7rem .9rem}
.tiles b{display:block;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tiles span{color:var(--quiet);font-size:.875rem}
.pairs{margin:0 0 .75rem}
.pairs div{display:grid;grid-template-columns:minmax(5.5rem,9rem) minmax(0,1fr);gap:.75rem;padding:.3rem 0;border-bottom:1px solid var(--edge)}
.pairs div:last-child{border-bottom:0}
.pairs dt{color:var(--quiet)}
.pairs dd{margin:0;overflow-wrap:anywhere}
@media (max-width:30rem){.pairs div{grid-template-columns:minmax(0,1fr);gap:0}.pairs dt{font-size:.875rem}}
.scroll{position:relative;container-type:inline-size;overflow-x:auto;margin:0 -.25rem;padding:0 .25rem}
.rows :is(th,td):first-child{position:sticky;left:0;background:var(--surface);min-width:0;white-space:nowrap}
.scroll+.quiet{margin:.6rem 0 0}
table{border-collapse:collapse;width:100%}
caption.caption{text-align:left;color:var(--quiet);padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--edge);font-weight:400}
thead th{color:var(--quiet);font-size:.875rem;white-space:nowrap}
tr:last-child>*{border-bottom:0}
th:last-child,td:last-child{padding-right:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th.number,td.number{padding-right:1.5rem}
th.number:last-child,td.number:last-child{padding-right:0}
td.text{min-width:4rem}
.text code{white-space:nowrap}
td.code,tbody th.code{min-width:7.5rem}
td.wide,tbody th.wide{min-width:8.5rem;max-width:34rem;overflow-wrap:anywhere}
tbody th.text{min-width:6rem;max-width:34rem;overflow-wrap:anywhere}
td time,th time{white-space:nowrap}
time{font-variant-numeric:tabular-nums}
${blocks("many", "56rem")}${blocks("some", "28rem")}details.card>summary{padding:0;font-weight:600}
details>summary{cursor:pointer;color:var(--accent);padding:.25rem 0;width:fit-content}
details[open]>summary{margin-bottom:.4rem}
`

const forms = `form{margin:0 0 .75rem}
fieldset{border:0;margin:0 0 .9rem;padding:0;min-width:0}
legend,label.field{display:block;font-weight:600;margin-bottom:.3rem;padding:0}
.choice{display:flex;gap:.55rem;align-items:baseline;margin:.3rem 0}
.row>a,.row>strong{padding:.3rem 0;margin-right:.4rem}
.row{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;margin-bottom:.75rem}
input,select,textarea,button{font:inherit;color:inherit;max-width:100%}
input:not([type]),input[type=url],select,textarea{background:var(--surface);border:1px solid var(--control);border-radius:.4rem;padding:.45rem .6rem;width:100%}
textarea{min-height:13rem;resize:vertical;line-height:1.45;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875rem}
input[type=radio],input[type=checkbox]{accent-color:var(--accent);width:1.05rem;height:1.05rem;flex:none;transform:translateY(.15rem)}
button{background:var(--surface);border:1px solid var(--control);border-radius:.4rem;padding:.45rem .95rem;cursor:pointer;min-height:2.5rem}
button:hover{background:var(--sunk)}
button.main{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:600}
button.main:hover{filter:brightness(1.08)}
button.danger{color:var(--bad);border-color:var(--bad)}
.sides{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));margin-bottom:1rem}
mark{background:var(--warn-ground);color:var(--warn);border-radius:.2rem;padding:0 .15rem}
`

const charts = `.chart{margin:0;min-width:0;container-type:inline-size}
@container (max-width:28rem){.marker .wide{display:none}}
.slot{fill:transparent}
.slot:hover{fill:var(--text);fill-opacity:.07}
.series.open:not(.line){fill-opacity:.55}
.line.series.open{stroke-dasharray:2 5}
.chart figcaption{font-size:1.1rem;font-weight:700;line-height:1.3;margin-bottom:.6rem}
.plot{display:block;overflow:visible;margin:0 0 .4rem 2.6rem;width:calc(100% - 3.2rem)}
.plot .axis line{stroke:var(--edge);stroke-width:1}
.plot text{fill:var(--quiet);font-size:12px;font-variant-numeric:tabular-nums}
.series{fill:var(--s0);stroke:none}
.series.s1{fill:var(--s1)}.series.s2{fill:var(--s2)}.series.s3{fill:var(--s3)}.series.s4{fill:var(--s4)}
.line.series{fill:none;stroke:var(--s0);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.s1{stroke:var(--s1)}.line.s2{stroke:var(--s2)}.line.s3{stroke:var(--s3)}.line.s4{stroke:var(--s4)}
.share{display:block;min-width:3rem;margin-top:.5rem}
@container (max-width:24rem){.bar{display:none}}
.share .rest{fill:var(--sunk)}
.spark{display:block}
.line.series.before{stroke:var(--control);stroke-dasharray:4 4;stroke-width:1.5}
.series.before:not(.line){fill:var(--control)}
.plot .marker line{stroke:var(--quiet);stroke-width:1;stroke-dasharray:2 3}
.heat{display:block;text-align:right;padding:.1rem .45rem;border-radius:.25rem;color:var(--text)}
.heat.open{outline:1px dashed var(--control);outline-offset:-1px}
.heat.h0{color:var(--quiet)}
${
  [1, 2, 3, 4, 5].map((i) => `.heat.h${i}{background:color-mix(in srgb,var(--accent) ${i * 7}%,var(--surface))}`).join(
    "\n"
  )
}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:0 0 .4rem;padding:0;font-size:.875rem;color:var(--quiet)}
.legend li{min-width:0;overflow-wrap:anywhere}
.figures{font-size:.875rem}
@media (forced-colors:active){.series{forced-color-adjust:none}}
`

const scope = `.scope{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:end;margin:0 0 1.25rem}
.scope label{display:block;min-width:0;max-width:min(100%,16rem);font-size:.8125rem;color:var(--quiet)}
.scope :is(input,select){display:block;width:auto;min-height:2.5rem;background:var(--surface);border:1px solid var(--control);border-radius:.4rem;padding:.35rem .5rem;color:var(--text)}
.scope input[type=checkbox]{display:inline-block;min-height:0;margin-right:.4rem}
.scope .check{align-self:center;font-size:1rem;color:var(--text)}
.choices{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem;margin:0 0 .75rem;padding:0}
.choices a{display:block;padding:.35rem .7rem;border-radius:.4rem;text-decoration:none;color:var(--text);border:1px solid var(--edge);background:var(--surface)}
.choices a[aria-current=true]{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:600}
.exports{display:flex;gap:1rem;margin:.6rem 0 0;font-size:.8125rem}
.exports a{padding:.15rem 0}
.tiles small{display:block;font-size:.8125rem;font-weight:500;color:var(--quiet);line-height:1.4}
.tiles small.good{color:var(--good)}.tiles small.bad{color:var(--bad)}
.product form{margin:0}
.product button{min-height:0;padding:.15rem .6rem;font-size:.8125rem}
.sign-in{max-width:30rem}
input[type=password],input[type=date]{background:var(--surface);border:1px solid var(--control);border-radius:.4rem;padding:.45rem .6rem}
.sign-in input{width:100%;margin-bottom:.75rem}
`

/** Last, so that nothing above is stronger: on paper there is nothing to choose and nowhere to go. */
const print = `@media print{.top,.foot,.skip,nav,form,.scope,.exports,.figures:not([open]){display:none}
body{display:block}.card{break-inside:avoid}}
`

/**
 * @since 0.1.0
 * @category constants
 */
export const css: string = colors + ground + layout + parts + forms + charts + scope + print
