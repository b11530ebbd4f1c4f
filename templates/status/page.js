(() => {
  const byId = (id) => document.getElementById(id);
  const [filters, search, count, table, nothing] = ["filters", "search", "count", "modules", "nothing"].map(
    byId,
  );
  const boxes = [...byId("environments").querySelectorAll("input")];
  const choices = [...byId("show").querySelectorAll("input")];
  const rows = [...table.tBodies[0].rows].map((row) => ({
    row,
    text: row.dataset.text,
    states: [...row.cells].slice(1).map((cell) => cell.dataset.state.split(" ")),
  }));

  /** Shows the rows that have every word, and the chosen state in an environment that is shown. */
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/);
    const state = choices.find((choice) => choice.checked).value;
    for (const [column, box] of boxes.entries()) table.classList.toggle(`without-${column}`, !box.checked);
    let shown = 0;
    for (const { row, text, states } of rows) {
      const isWanted =
        words.every((word) => text.includes(word)) &&
        (state === "" || states.some((own, column) => boxes[column].checked && own.includes(state)));
      row.hidden = !isWanted;
      shown += Number(isWanted);
    }
    count.value = shown === rows.length ? `${shown} modules` : `${shown} of ${rows.length} modules`;
    nothing.hidden = shown > 0;
  };

  /** What is chosen stands in the address, so that it can be sent to others. */
  const remember = () => {
    const hidden = boxes.filter((box) => !box.checked).map((box) => box.value);
    const chosen = new URLSearchParams();
    if (search.value !== "") chosen.set("q", search.value);
    for (const choice of choices) if (choice.checked && choice.value !== "") chosen.set("show", choice.value);
    if (hidden.length > 0) chosen.set("hide", hidden.join(","));
    history.replaceState(null, "", chosen.size === 0 ? location.pathname + location.search : `#${chosen}`);
  };

  const recall = () => {
    const chosen = new URLSearchParams(location.hash.slice(1));
    const hidden = (chosen.get("hide") ?? "").split(",");
    const show = choices.find((choice) => choice.value === chosen.get("show")) ?? choices[0];
    search.value = chosen.get("q") ?? "";
    show.checked = true;
    for (const box of boxes) box.checked = !hidden.includes(box.value);
    apply();
  };

  const clear = () => {
    search.value = "";
    apply();
    remember();
  };

  /** Goes to the next cell in a direction that shows an image. */
  const go = (from, right, down) => {
    const cell = from.closest("td");
    const step = (row, column) => {
      const next = down < 0 ? row.previousElementSibling : down > 0 ? row.nextElementSibling : row;
      return [next, column + right];
    };
    let [row, column] = step(cell.parentElement, cell.cellIndex);
    while (row !== null && column > 0 && column < row.cells.length) {
      const summary = row.cells[column].querySelector("summary");
      if (summary?.checkVisibility()) {
        summary.focus();
        return true;
      }
      [row, column] = step(row, column);
    }
    return false;
  };

  const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    const summary = target.closest?.("td summary");
    const isTyping = target === search;
    if (key === "/" && !isTyping) search.focus();
    else if (key === "Escape" && (isTyping || search.value !== "")) clear();
    else if (key === "ArrowDown" && isTyping) {
      const first = [...table.querySelectorAll("td summary")].find((each) => each.checkVisibility());
      if (first === undefined) return;
      first.focus();
    } else if (summary === null || summary === undefined || !(key in directions)) return;
    else if (!go(summary, ...directions[key])) return;
    event.preventDefault();
  });

  const ages = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const units = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  for (const time of document.querySelectorAll("time")) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
    const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
    time.append(` (${ages.format(Math.round(seconds / size), unit)})`);
  }

  filters.addEventListener("input", () => {
    apply();
    remember();
  });
  addEventListener("hashchange", recall);
  filters.hidden = false;
  recall();
})();
