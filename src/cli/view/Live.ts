/**
 * The one script of the panel. Every two seconds it asks for the state at a glance; when that has changed, it fetches the page
 * it is on and puts the new parts in the place of the old ones. Without it, everything works by loading a page again.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category constants
 */
export const script = `"use strict";
const pause = 2000;
let known = null;

const renew = async () => {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const part = fresh.getElementById(old.id);
    if (part === null || old.contains(document.activeElement) || part.innerHTML === old.innerHTML) continue;
    const open = [...old.querySelectorAll("details")].map((one) => one.open);
    part.querySelectorAll("details").forEach((one, i) => { one.open = open[i] === true; });
    old.replaceWith(document.adoptNode(part));
  }
};

const look = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch("status.json");
    const now = await answer.text();
    if (known !== null && now !== known) await renew();
    if (answer.ok) known = now;
    document.body.dataset.connection = "on";
  } catch {
    document.body.dataset.connection = "lost";
  }
};

const again = () => look().finally(() => setTimeout(again, pause));
again();
document.addEventListener("visibilitychange", look);
`
