"""How the page looks: system fonts, quiet colors, one that stands out, an icon of our own."""

from base64 import b64encode

import gradio as gr

ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64'>"
    "<rect width='64' height='64' rx='14' fill='#1f2a37'/>"
    "<path d='M8 44c10-16 18 6 26-8s14-14 22-6' stroke='#f2b84b' stroke-width='9' fill='none' "
    "stroke-linecap='round'/><path d='M8 26c8-12 16 2 24-6s16-6 24-2' stroke='#5fa8d3' "
    "stroke-width='7' fill='none' stroke-linecap='round'/></svg>"
)
"""Two strokes of the brush."""

HEAD = (
    f"<link rel='icon' href='data:image/svg+xml;base64,{b64encode(ICON.encode()).decode()}'>"
    "<meta name='viewport' content='width=device-width, initial-scale=1'>"
)

CSS = """
.gradio-container { width: 100% !important; max-width: 1240px !important;
  margin: 0 auto !important; }
footer { display: none !important; }
#brand { display: flex; align-items: center; gap: .7rem; padding: .4rem 0; }
#brand svg { width: 34px; height: 34px; flex-shrink: 0; }
#brand b { font-size: 1.25rem; letter-spacing: .01em; }
#brand span { opacity: .65; }
#keys-open { margin-left: auto; padding: .3rem .8rem; border-radius: 8px; font-size: .85rem;
  border: 1px solid var(--border-color-primary); background: none; color: inherit; }
#keys { position: fixed; inset: 0; height: fit-content; margin: auto;
  padding: 1.2rem 1.6rem; border-radius: 12px; color: var(--body-text-color);
  border: 1px solid var(--border-color-primary); background: var(--background-fill-primary); }
#keys::backdrop { background: rgba(0, 0, 0, .45); }
#keys table, #keys tr, #keys th, #keys td { border: 0 !important; }
#keys th { padding: .2rem 1rem .2rem 0; text-align: left; }
#keys kbd { padding: .1rem .5rem; border-radius: 6px; border: 1px solid currentColor; }
#keys button { margin-top: .8rem; padding: .35rem 1rem; border-radius: 8px;
  border: 1px solid var(--border-color-primary); }
#running:not(:has(nav)) { display: none; }
#running nav { display: flex; gap: .8rem; align-items: baseline; flex-wrap: wrap; }
#running ul { list-style: none; margin: 0; padding: 0; display: flex; gap: .5rem; flex-wrap: wrap; }
#running a { display: inline-flex; gap: .5rem; align-items: center; padding: .3rem .7rem;
  border-radius: 8px; border: 1px solid var(--border-color-primary); text-decoration: none; }
#running progress { width: 4rem; height: .5rem; accent-color: var(--primary-500); }
.downloads a { display: inline-block; margin: .2rem .3rem; padding: .35rem .8rem;
  border-radius: 8px; border: 1px solid var(--border-color-primary); text-decoration: none; }
@media (min-width: 701px) { #result { position: sticky; top: 1rem; align-self: flex-start; } }
#go { min-height: 3.2rem; font-size: 1.1rem; }
#message:empty { display: none; }
#message { color: var(--error-text-color, #b42318); }
#live { min-height: 320px; display: grid; place-items: center; }
#live figure { margin: 0; width: 100%; text-align: center; }
#live img { max-width: 100%; max-height: 62vh; border-radius: 10px; }
#live figcaption { padding: .5rem 0 0; opacity: .8; }
#live .hint { opacity: .55; padding: 4rem 1rem; text-align: center; }
#live svg { max-width: 100%; height: auto; margin-top: .4rem; }
#looks .grid-container { grid-template-columns: repeat(5, minmax(0, 1fr)) !important; }
#paintings .grid-container { grid-template-columns: repeat(6, minmax(0, 1fr)) !important; }
#photographs .grid-container { grid-template-columns: repeat(4, minmax(0, 1fr)) !important; }
#before-after img { object-fit: contain !important; }
#live svg polyline:first-of-type { stroke: currentColor; }
#live .legend { font-size: .8rem; opacity: .8; display: flex; gap: 1rem; justify-content: center; }
#live .legend i { display: inline-block; width: 1rem; height: .2rem; vertical-align: middle;
  margin-right: .3rem; }
#looks .grid-container, #paintings .grid-container, #photographs .grid-container,
#own-styles .grid-container { gap: .35rem; }
#looks .caption-label, #paintings .caption-label, #photographs .caption-label {
  left: 0; right: 0; max-width: 100%; font-size: .72rem; padding: .05rem .3rem; text-align: center;
  border-radius: 0; }
#looks .grid-wrap, #paintings .grid-wrap, #photographs .grid-wrap { min-height: 0 !important;
  height: auto !important; max-height: none !important; }
.compared figure, .tasted figure { margin: 0; text-align: center; }
.compared img { width: 100%; border-radius: 10px; }
.tasted img { width: 100%; max-height: 56vh; object-fit: contain; border-radius: 10px; }
#question p { font-size: 1.1rem; }
.thumbs .grid-wrap { max-height: none; }
:focus-visible { outline: 3px solid var(--primary-500) !important; outline-offset: 2px; }
@media (max-width: 700px) {
  #looks .grid-container { grid-template-columns: repeat(3, minmax(0, 1fr)) !important; }
  #paintings .grid-container { grid-template-columns: repeat(3, minmax(0, 1fr)) !important; }
  #go-row { position: sticky; bottom: 0; z-index: 20; background: var(--body-background-fill);
            padding: .5rem 0; }
  #live img { max-height: 50vh; }
}
"""


def theme() -> gr.themes.Base:
    """Return the theme; its fonts are the system's, so that nothing is fetched."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.amber,
        secondary_hue=gr.themes.colors.sky,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_lg,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(
        button_primary_background_fill="*primary_400",
        button_primary_background_fill_hover="*primary_300",
        button_primary_text_color="*neutral_950",
    )
