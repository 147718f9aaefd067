/** Texts that make careless patterns backtrack. Each makes about `n` characters. */
const repeat = (part: string) => (n: number): string => part.repeat(Math.max(1, Math.floor(n / part.length)))

const noise = (n: number): string => {
  let text = ""
  let state = 1
  while (text.length < n) {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    text += String.fromCharCode(32 + state % 95)
  }
  return text
}

const repeated = [
  "a",
  "@",
  "a@",
  "a.",
  "a-",
  "1",
  "1 ",
  "1-",
  "1.",
  "1:",
  ":",
  "/home/",
  "/home/a",
  "C:\\Users\\",
  "\\Users\\a ",
  "/Users/",
  "eyJ",
  "eyJaaaaaaaaaaaa.",
  "-----BEGIN PRIVATE KEY-----",
  "-----END PRIVATE KEY-----",
  "-",
  "password=",
  "password=\"",
  "password=a ",
  "authorization: [a] ",
  "authorization: 'a ",
  "api key: [a] ",
  "api key ",
  "a b=",
  "https://a:",
  "https://a:@",
  "://",
  "AB12",
  "DE89 ",
  "sk-",
  "sk_live_",
  "<token>",
  "<token>x",
  " ",
  "\n",
  "(1",
  "+1",
  "+12345678 ",
  "01 ",
  "--a ",
  "--token [",
  "\"",
  "\\",
  "=",
  "用@",
  "aa:",
  "aa-",
  "aaaa.",
  "ENOTFOUND ",
  "ENOTFOUND a.",
  "Bearer ",
  "phone 1 ",
  "a-a.local.",
  "%40",
  "a%40",
  "a@b.co ",
  "1.2.3.4 ",
  "ssn ",
  "\0",
  "\ud800",
  "x a@b.co 4111 1111 1111 1111 "
]

export const hostile: ReadonlyArray<readonly [name: string, make: (n: number) => string]> = [
  ...repeated.map((part) => [JSON.stringify(part), repeat(part)] as const),
  ["a…@", (n) => "a".repeat(n) + "@"],
  ["用…@", (n) => "用".repeat(n) + "@"],
  ["http://a:a:…", (n) => "http://" + "a:".repeat(n / 2)],
  ["a-a-….local", (n) => "a-".repeat(n / 2) + ".local"],
  ["phone phone …1234567", (n) => "phone ".repeat(n / 6) + "1234567"],
  ["eyJaaa…", (n) => "eyJ" + "a".repeat(n)],
  ["noise", noise]
]
