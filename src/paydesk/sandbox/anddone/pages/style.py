"""The style of the pages. It stands in the page, because a page loads nothing else."""

from typing import Final

STYLE: Final = """
* { box-sizing: border-box; }
body { margin: 0; background: #eef1f5; color: #1c2530; font: 16px/1.45 system-ui, sans-serif; }
.training { margin: 0; padding: 8px 16px; background: #ffd24a; color: #1c1600; text-align: center;
  font-weight: 600; }
main { max-width: 560px; margin: 24px auto; padding: 24px; background: #fff; border-radius: 10px;
  box-shadow: 0 1px 6px rgba(20, 30, 50, .15); overflow-wrap: anywhere; }
h1 { margin: 8px 0; font-size: 24px; line-height: 1.25; }
p { margin: 4px 0; }
.merchant { font-weight: 600; color: #46556a; }
.order { margin-bottom: 16px; }
.order p:first-child { font-size: 20px; font-weight: 600; max-height: 12em; overflow: auto; }
.tabs { display: flex; gap: 8px; border-bottom: 2px solid #cfd7e2; }
.tabs a { padding: 10px 20px; border-radius: 8px 8px 0 0; color: #23507f; font-weight: 600; }
.tabs a[aria-current] { background: #1a5fa8; color: #fff; text-decoration: none; }
.alert { margin: 16px 0 0; padding: 12px; border-left: 5px solid #b3261e; background: #fdecea; }
.done { padding: 16px; border-left: 5px solid #1f7a3a; background: #e8f5ec; margin-bottom: 16px; }
.prices { width: 100%; margin: 16px 0; border-collapse: collapse; }
.prices th, .prices td { padding: 4px 8px; text-align: right; font-variant-numeric: tabular-nums; }
.prices th[scope=row] { text-align: left; font-weight: 400; }
.prices tr:last-child th, .prices tr:last-child td { border-top: 1px solid #cfd7e2; font-weight: 700; }
form { display: grid; grid-template-columns: 1fr 1fr; gap: 12px 16px; }
label { display: block; font-size: 14px; color: #46556a; }
input, select { width: 100%; padding: 10px; border: 1px solid #8793a3; border-radius: 6px; font: inherit; }
input:focus, select:focus, a:focus, button:focus { outline: 3px solid #f0a500; outline-offset: 1px; }
[aria-invalid] { border: 2px solid #b3261e; }
.wrong, .hint { font-size: 14px; }
.wrong { color: #b3261e; }
.hint { color: #46556a; }
button { grid-column: 1 / -1; padding: 14px; border: 0; border-radius: 8px; background: #1f7a3a; color: #fff;
  font: inherit; font-weight: 700; cursor: pointer; }
.extras { margin: 16px 0 0; color: #46556a; font-size: 14px; }
@media (max-width: 480px) { form { grid-template-columns: 1fr; } main { margin: 0; border-radius: 0; } }
"""
