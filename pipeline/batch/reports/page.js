
// Search and sorting; the page is complete without it. The script contains neither the less-than sign nor the
// ampersand, so that the page is well-formed XML, too.
"use strict";
const body = document.getElementById("rows");
if (body) {
  const rows = Array.from(body.rows);
  const find = document.getElementById("find");
  const show = document.getElementById("show");
  const texts = new Map(rows.map((row) => [row, row.textContent.normalize("NFKC").toLocaleLowerCase()]));

  const choose = () => {
    const wanted = find.value.normalize("NFKC").toLocaleLowerCase().trim();
    let matches = 0;
    for (const row of rows) {
      row.hidden = !texts.get(row).includes(wanted) || (show.value !== "" ? !row.classList.contains(show.value) : false);
      matches += row.hidden ? 0 : 1;
    }
    document.getElementById("matches").textContent = matches === rows.length ? "" : `${matches} of ${rows.length}`;
  };

  const key = (row, column) => {
    const cell = row.cells[column];
    return "rank" in cell.dataset ? Number(cell.dataset.rank) : cell.textContent;
  };
  const compare = (one, other) => {
    if (typeof one === "number" ? typeof other === "number" : false) return one - other;
    if (typeof one === typeof other) return one.localeCompare(other, undefined, { numeric: true });
    return typeof one === "number" ? -1 : 1;
  };
  const sort = (head) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const sign = down ? -1 : 1;
    const keys = new Map(rows.map((row) => [row, key(row, head.cellIndex)]));
    const sorted = rows.slice().sort((one, other) => {
      const [first, second] = [keys.get(one), keys.get(other)];
      const nothing = (first === "" ? 1 : 0) - (second === "" ? 1 : 0);
      return nothing || sign * compare(first, second);
    });
    body.append(...sorted);
  };

  for (const head of document.querySelectorAll("thead th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head));
    head.append(button);
  }
  find.addEventListener("input", choose);
  show.addEventListener("change", choose);
  document.getElementById("tools").hidden = false;
  choose();
}
