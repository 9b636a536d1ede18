"""Keys of the page's own, and the panel that tells of them.

A key never counts while somebody types, nor with Ctrl, Alt or the command key, which are the
browser's. What a key does is what its button does, so that a button at rest makes the key rest too.
"""

import json
from html import escape

KEYS = {
    "g": ("Go", "#go"),
    "c": ("Compare strengths", "#compare"),
    "p": ("Pause, or go on", "#pause"),
    "s": ("Stop and keep", "#stop"),
    "b": ("Try it beside", "#branch"),
}
"""Keys, what they do, and the button that does it."""
TABS = ("Make", "Compare", "Taste", "History")
"""Reached by their number."""


def _panel() -> str:
    told = {key: word for key, (word, _) in KEYS.items()}
    told |= {str(number): f"To {name}" for number, name in enumerate(TABS, start=1)}
    told["?"] = "This panel"
    rows = "".join(
        f"<tr><th scope='row'><kbd>{escape(key)}</kbd></th><td>{escape(word)}</td></tr>"
        for key, word in told.items()
    )
    return (
        "<dialog id='keys' aria-label='Keys'><form method='dialog'><table>"
        f"{rows}</table><button>Close</button></form></dialog>"
    )


PANEL = _panel()
OPENER = (
    "<button id='keys-open' type='button' aria-haspopup='dialog' "
    "onclick=\"document.getElementById('keys').showModal()\">Keys</button>"
)

SCRIPT = """<script>
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.repeat) return;  // a key held down counts once
  const typing = event.target.closest?.('input, textarea, select, [contenteditable], dialog');
  const kind = event.target.type;
  if (typing && !['checkbox', 'radio', 'range', 'button'].includes(kind)) return;
  const panel = document.getElementById('keys');
  if (panel?.open) return;
  if (event.key === '?') { panel?.showModal(); event.preventDefault(); return; }
  const tab = TABS[Number(event.key) - 1];
  const found = tab
    ? [...document.querySelectorAll('[role=tab]')].find(  // there are hidden doubles
        (e) => e.offsetParent !== null && e.innerText.trim() === tab)
    : document.querySelector(KEYS[event.key] ?? '#none');
  const part = found?.querySelector?.('button') ?? found;
  if (!part || part.disabled || part.offsetParent === null) return;
  event.preventDefault();
  part.click();
});
</script>"""
SCRIPT = SCRIPT.replace("TABS", json.dumps(TABS), 1).replace(
    "KEYS", json.dumps({key: part for key, (_, part) in KEYS.items()}), 1
)
"""Goes into the head of the page."""
