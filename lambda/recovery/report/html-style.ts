/** Of the page: by day, by night, on a telephone and on paper. */
export const STYLE = `
:root { --back: #fff; --text: #1c2024; --quiet: #60646c; --line: #d9d9e0; --head: #f5f6f8; --lost: #18794e; --lost-back: #e6f6eb;
  --here: #a2510b; --here-back: #fff0e0; --warn: #cd2b31; --warn-back: #fff0f0; --link: #0b68cb; }
@media (prefers-color-scheme: dark) {
  :root { --back: #111315; --text: #e4e6e9; --quiet: #9ba1a6; --line: #33383d; --head: #1b1e21; --lost: #63d19b; --lost-back: #0f2a1d;
    --here: #f2a665; --here-back: #33200e; --warn: #ff8589; --warn-back: #341a1c; --link: #6cb2ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: .4rem; margin: .8rem 0; }
nav a { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .8rem; color: var(--link); text-decoration: none; }
p, ul { max-width: 60rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92em; margin: .4rem 0; }
th, td { border: 1px solid var(--line); padding: .3rem .55rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
th { background: var(--head); font-weight: 600; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody tr:hover { background: var(--head); }
bdi.value, bdi.null, code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .92em; }
bdi.value { white-space: pre-wrap; overflow-wrap: anywhere; }
bdi.null { color: var(--quiet); font-style: italic; }
bdi.lost, bdi.here { border-radius: .2rem; padding: 0 .2rem; }
bdi.lost { color: var(--lost); background: var(--lost-back); }
bdi.here { color: var(--here); background: var(--here-back); }
pre { background: var(--head); border: 1px solid var(--line); border-radius: .3rem; padding: .6rem .8rem; overflow-x: auto; margin: .5rem 0; }
.warning { border-left: .3rem solid var(--warn); background: var(--warn-back); padding: .6rem 1rem; margin: 1rem 0; }
.warning > strong { color: var(--warn); }
.warning ul { margin: .3rem 0 0; padding-left: 1.2rem; }
.more { color: var(--quiet); }
@media print { nav { display: none; } main { max-width: none; padding: 0; } .wide { overflow: visible; } }
`;
