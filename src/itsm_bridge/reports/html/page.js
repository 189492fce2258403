"use strict";
(function () {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const tools = document.getElementById("tools");
  if (tools) { tools.hidden = false; }

  const setOpen = (open) => all("main details").forEach((item) => { item.open = open; });
  const opener = document.getElementById("open-all");
  const closer = document.getElementById("close-all");
  if (opener) { opener.addEventListener("click", () => setOpen(true)); }
  if (closer) { closer.addEventListener("click", () => setOpen(false)); }

  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    let element = id ? document.getElementById(id) : null;
    while (element) {
      if (element.tagName === "DETAILS") { element.open = true; }
      element = element.parentElement;
    }
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  const filter = document.getElementById("filter");
  const shown = document.getElementById("filter-count");
  const apply = () => {
    const wanted = filter.value.trim().toLowerCase();
    let left = 0;
    all("details.group").forEach((group) => {
      let here = 0;
      group.querySelectorAll("tbody tr").forEach((row) => {
        const matches = !wanted || row.textContent.toLowerCase().includes(wanted);
        row.hidden = !matches;
        if (matches) { here += 1; }
      });
      group.hidden = Boolean(wanted) && here === 0;
      if (wanted && here) { group.open = true; }
      left += here;
    });
    shown.textContent = wanted ? left + " findings shown" : "";
  };
  if (filter) { filter.addEventListener("input", apply); }
}());
