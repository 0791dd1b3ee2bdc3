"use strict";
const statements = [...document.querySelectorAll(".statement")];
const boxes = [...document.querySelectorAll(".rail input")];
const status = document.querySelector(".rail [role=status]");

const kinds = [...document.querySelectorAll(".rail fieldset")].map((kind) => [...kind.querySelectorAll("input")]);

const isPicked = (statement) =>
  kinds.every(
    (kind) =>
      kind.every((box) => !box.checked) ||
      kind.some((box) => box.checked && statement.classList.contains(box.id)),
  );

function countPicked() {
  const picked = statements.filter(isPicked).length;
  status.textContent = boxes.some((box) => box.checked)
    ? `${picked} of ${statements.length} statements picked`
    : "";
}

function keepInView(note) {
  note.style.marginTop = "";
  const below = note.getBoundingClientRect().bottom - (window.innerHeight - 16);
  if (below > 0 && getComputedStyle(note).position === "absolute") {
    note.style.marginTop = `${parseFloat(getComputedStyle(note).marginTop) - below}px`;
  }
}

function step(from, by) {
  const picked = statements.filter((one) => one === from || isPicked(one));
  picked[picked.indexOf(from) + by]?.focus();
}

for (const statement of statements) {
  const note = statement.querySelector(".note");
  statement.addEventListener("click", () => {
    if (!window.getSelection().toString()) statement.focus();
  });
  for (const shown of ["mouseenter", "focus"]) {
    statement.addEventListener(shown, () => {
      statement.classList.remove("dismissed");
      keepInView(note);
    });
  }
  statement.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      step(statement, by);
    }
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const statement of statements) {
    if (statement.matches(":hover, :focus")) statement.classList.add("dismissed");
  }
});
document.querySelector(".rail").addEventListener("change", countPicked);
document.querySelector(".rail").addEventListener("reset", () => setTimeout(countPicked));
countPicked();
