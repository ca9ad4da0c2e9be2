"use strict";
// Filters and sorts the lines; without it every line stands there in the order in which the cards cite them.
const form = document.getElementById("filters"), table = document.getElementById("lines");
const rows = [...table.querySelectorAll("tr[data-grade]")], homes = rows.map(row => row.parentElement);
const card = row => homes[rows.indexOf(row)].dataset.card;
form.hidden = false;
function filter() {
  const asked = Object.fromEntries(new FormData(form)), text = asked.text.toLowerCase();
  for (const row of rows)
    row.hidden = Boolean(asked.card && card(row) !== asked.card || asked.grade && row.dataset.grade !== asked.grade ||
      asked.role && row.dataset.role !== asked.role || text && !row.textContent.toLowerCase().includes(text));
  for (const body of table.tBodies) body.hidden = ![...body.querySelectorAll("tr[data-grade]")].some(row => !row.hidden);
  form.querySelector("output").textContent = rows.filter(row => !row.hidden).length + " / " + rows.length;
}
form.addEventListener("input", filter);
form.addEventListener("submit", event => event.preventDefault());
filter();
[...table.tHead.rows[0].cells].forEach((head, at) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "descending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "ascending" : "descending");
    const key = row => row.cells[at].dataset.value ?? row.cells[at].textContent;
    const order = (a, b) => (isNaN(key(a)) || isNaN(key(b)) ? key(a).localeCompare(key(b)) : key(a) - key(b));
    for (const body of table.tBodies)
      body.append(...[...body.querySelectorAll("tr[data-grade]")].sort((a, b) => (down ? 1 : -1) * order(a, b)));
  });
});
