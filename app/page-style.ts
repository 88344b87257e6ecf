/** The looks of the page: system fonts, one column, light and dark by the visitor's choice. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f3ee; --card: #fffdfa; --ink: #2a2622; --faint: #6d645b; --line: #e2dbd0;
  --accent: #1f6f5c; --on-accent: #ffffff; --danger: #a3352b; --shade: rgb(60 40 20 / .07);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #191a1c; --card: #232528; --ink: #e9e6e1; --faint: #a8a29a; --line: #383b40;
    --accent: #6fc3ab; --on-accent: #10231d; --danger: #f0938a; --shade: rgb(0 0 0 / .3);
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", sans-serif;
}
.column { max-width: 42rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding: 3.5rem 0 1.5rem; }
h1 { margin: 0; font: 600 2.4rem/1.2 Georgia, "Iowan Old Style", serif; letter-spacing: -.01em; overflow-wrap: anywhere; }
header p { margin: .4rem 0 0; color: var(--faint); }
h2 { margin: 2.5rem 0 1rem; font-size: .85rem; font-weight: 600; letter-spacing: .08em; text-transform: uppercase; color: var(--faint); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: 1.25rem; box-shadow: 0 2px 8px var(--shade); }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem; }
.text { margin: 0 0 .9rem; white-space: pre-wrap; overflow-wrap: anywhere; font: 1.1rem/1.6 Georgia, "Iowan Old Style", serif; }
.by { display: flex; flex-wrap: wrap; gap: .25rem .6rem; align-items: baseline; margin: 0; font-size: .9rem; color: var(--faint); }
.by strong { color: var(--ink); overflow-wrap: anywhere; }
form { display: grid; gap: .9rem; }
label { display: grid; gap: .3rem; font-size: .9rem; font-weight: 600; }
input, textarea {
  width: 100%; padding: .6rem .75rem; font: inherit; font-weight: 400; color: inherit;
  background: var(--ground); border: 1px solid var(--line); border-radius: .5rem;
}
textarea { min-height: 6.5rem; resize: vertical; field-sizing: content; }
button {
  justify-self: start; padding: .55rem 1.2rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid transparent; border-radius: .5rem;
}
button:hover { filter: brightness(1.08); }
button:disabled { opacity: .6; cursor: progress; }
.quiet { color: var(--danger); background: none; border-color: currentcolor; }
details { margin-top: .6rem; font-size: .95rem; }
summary { display: inline-block; padding: .15rem 0; color: var(--accent); font-size: .9rem; cursor: pointer; }
summary::-webkit-details-marker { display: none; }
details form { margin-top: .6rem; }
.problem { margin: 0; color: var(--danger); }
.problem:empty { display: none; }
.empty { margin: 0; padding: 2rem 1rem; text-align: center; color: var(--faint); border: 1px dashed var(--line); border-radius: .8rem; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
nav { margin-top: 1.5rem; display: flex; justify-content: space-between; }
footer { margin-top: 3rem; padding: 1.25rem 0 3rem; border-top: 1px solid var(--line); font-size: .85rem; color: var(--faint); overflow-wrap: anywhere; }
footer p { margin: .15rem 0; }
footer b { font-weight: 600; color: var(--ink); }
`;
