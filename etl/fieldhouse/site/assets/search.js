// Searches fieldhouseIndex, which index.js holds: names first, then what they mean. Texts never become markup.
"use strict";
{
  const SHOWN = 12;
  const root = document.documentElement.dataset.root;
  const form = document.querySelector(".search");
  const input = form.querySelector("input");
  const panel = form.querySelector(".found");
  const count = panel.querySelector("p");
  const list = panel.querySelector("ul");
  const kinds = ["dataset", "source", "column"];
  const entries = globalThis.fieldhouseIndex.map((entry) => ({
    ...entry,
    low: entry.name.toLowerCase(),
    all: `${entry.name} ${entry.text}`.toLowerCase(),
  }));

  const rank = (entry, words) => {
    const last = entry.low.split(".").pop();
    const exact = entry.low === words[0] || last === words[0];
    const named = words.every((word) => entry.low.includes(word));
    return (exact ? 0 : named ? 10 : 20) + kinds.indexOf(entry.kind);
  };

  const find = (query) => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    return entries
      .filter((entry) => words.every((word) => entry.all.includes(word)))
      .map((entry) => ({ entry, rank: rank(entry, words) }))
      .sort((a, b) => a.rank - b.rank || a.entry.all.length - b.entry.all.length)
      .map((found) => found.entry);
  };

  const item = (entry) => {
    const link = document.createElement("a");
    link.href = root + entry.page;
    for (const [tag, text] of [["span", entry.kind], ["strong", entry.name], ["small", entry.text]]) {
      const part = document.createElement(tag);
      part.textContent = text;
      link.append(part, " ");
    }
    const line = document.createElement("li");
    line.append(link);
    return line;
  };

  const show = () => {
    const found = find(input.value);
    panel.hidden = !input.value.trim();
    count.textContent = found.length > SHOWN ? `${SHOWN} of ${found.length} found` : `${found.length} found`;
    list.replaceChildren(...found.slice(0, SHOWN).map(item));
  };

  const move = (step) => {
    const stops = [input, ...list.querySelectorAll("a")];
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (next) next.focus();
  };

  form.hidden = false;
  input.addEventListener("input", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      show();
      input.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    }
  });
  list.addEventListener("click", () => {
    panel.hidden = true; // a link to a column of this very page loads no other
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) panel.hidden = true;
  });
}
