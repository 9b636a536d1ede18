"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const read = (element) => JSON.parse(element.textContent);

  function slider() {
    const input = $("#before-after");
    if (!input) return;
    const move = () => $(".stack").style.setProperty("--at", `${input.value}%`);
    input.addEventListener("input", move);
    move();
  }

  function scrubber() {
    const input = $("#scrub");
    if (!input) return;
    const frames = read($("#frames"));
    const last = frames[frames.length - 1].step;
    input.addEventListener("input", () => {
      const frame = frames[input.value];
      const after = frame.step ? `after ${frame.step} of ${last} steps` : "the start";
      $("#frame").src = frame.src;
      $("#frame").alt = `Generated image, ${after}`;
      $("#frame-step").textContent = after;
      input.setAttribute("aria-valuetext", after);
    });
  }

  function quiz() {
    const asked = all(".quiz fieldset");
    asked.forEach((fieldset) => fieldset.addEventListener("change", (event) => {
      const right = event.target.value === fieldset.dataset.answer;
      const verdict = $(".verdict", fieldset);
      fieldset.classList.toggle("right", right);
      fieldset.classList.toggle("wrong", !right);
      verdict.textContent = right ? `Right. ${verdict.dataset.why}` : "Not this one: look again.";
      const count = (name) => asked.filter((one) => one.classList.contains(name)).length;
      $("#score").textContent =
        `${count("right")} of ${asked.length} right, ${count("wrong")} still to find`;
    }));
  }

  const NAMED = { total: "--total", content: "--content", style: "--style", TV: "--other" };
  const TURNS = ["--content", "--style", "--other", "--fourth", "--fifth", "--sixth", "--total"];
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [1, 4]];
  const plots = new Map();

  function short(value) {
    if (value == null) return "–";
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : String(+value.toPrecision(4));
  }

  function draw(figure) {
    const data = read($("script", figure));
    const plot = $(".plot", figure);
    const css = getComputedStyle(document.documentElement);
    const color = (name) => css.getPropertyValue(name).trim();
    const axis = { stroke: color("--soft"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line") } };
    const named = data.series.every((one) => one.label in NAMED);
    const place = (i) => data.categories[i] ?? "";
    const x = data.categories.length
      ? { ...axis, label: data.xLabel, splits: () => data.x, values: (_, at) => at.map(place) }
      : { ...axis, label: data.xLabel };
    const y = data.log
      ? { ...axis, size: 64, values: (_, at) => at.map((value) => (value == null ? "" : short(value))) }
      : { ...axis, size: 54 };
    plots.get(figure)?.destroy();
    plots.set(figure, new uPlot({
      width: plot.clientWidth,
      height: 320,
      scales: { x: { time: false }, y: data.log ? { distr: 3 } : {} },
      axes: [x, y],
      cursor: { drag: { x: false, y: false } },
      series: [
        { label: data.xLabel, value: (_, value) => (value == null ? "–" : data.categories.length ? place(value) : value) },
        ...data.series.map((one, i) => ({
          label: one.label,
          stroke: color(named ? NAMED[one.label] : TURNS[i % TURNS.length]),
          dash: named ? [] : DASHES[i % DASHES.length],
          width: 2.5,
          points: { show: data.x.length < 20 },
          value: (_, value) => short(value),
        })),
      ],
    }, [data.x, ...data.series.map((one) => one.values)], plot));
  }

  function keys(figure) {
    let at = 0;
    $(".plot", figure).addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
      const plot = plots.get(figure);
      if (step === undefined || !plot) return;
      event.preventDefault();
      at = Math.min(Math.max(at + step, 0), plot.data[0].length - 1);
      plot.setCursor({ left: plot.valToPos(plot.data[0][at], "x"), top: plot.over.clientHeight / 2 });
    });
  }

  const figures = all(".chart");
  const drawAll = () => figures.forEach(draw);

  function theme() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    $("#theme").addEventListener("click", () => {
      const root = document.documentElement;
      const now = root.dataset.theme ?? (dark.matches ? "dark" : "light");
      root.dataset.theme = now === "dark" ? "light" : "dark";
      drawAll();
    });
    dark.addEventListener("change", drawAll);
  }

  function followWidth() {
    let width = window.innerWidth;
    addEventListener("resize", () => {
      if (width === window.innerWidth) return;
      width = window.innerWidth;
      plots.forEach((plot, figure) => plot.setSize({ width: $(".plot", figure).clientWidth, height: 320 }));
    });
  }

  slider();
  scrubber();
  quiz();
  theme();
  drawAll();
  figures.forEach(keys);
  followWidth();
})();
