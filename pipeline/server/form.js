"use strict";
const form = document.querySelector(".read");
const files = document.querySelector("#files");
const chosen = document.querySelector(".chosen");
const status = document.querySelector(".status");
const boxes = document.querySelector(".boxes");
const mostBytes = Number(form.dataset.mostBytes);
const mostArticles = Number(form.dataset.mostArticles);
const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
const texts = () => [...boxes.querySelectorAll("textarea")];

function choose(list) {
  const kept = new DataTransfer();
  for (const file of list) kept.items.add(file);
  files.files = kept.files;
  showChosen();
}

function showChosen() {
  const names = [...files.files].map((file) => file.name);
  chosen.replaceChildren(
    ...(names.length > 1 ? names : []).map((name) => {
      const line = document.createElement("li");
      line.textContent = name;
      return line;
    }),
  );
  status.textContent = fault();
}

function fault() {
  const pasted = texts().filter((box) => box.value.trim());
  const count = pasted.length + files.files.length;
  const bytes =
    [...files.files].reduce((sum, file) => sum + file.size, 0) +
    pasted.reduce((sum, box) => sum + new Blob([box.value]).size, 0);
  if (count > mostArticles) return `${count} articles: send at most ${mostArticles} at once.`;
  if (bytes > mostBytes) return `Too large: send at most ${mostBytes >> 20} MB at once.`;
  return "";
}

function addBox() {
  const last = boxes.querySelector(".box:last-child");
  const box = last.cloneNode(true);
  const number = texts().length + 1;
  const area = box.querySelector("textarea");
  area.id = `text-${number}`;
  area.value = "";
  box.querySelector("[name=name]").value = "";
  box.querySelector("label").htmlFor = area.id;
  box.querySelector("label").textContent = `Article ${number}`;
  boxes.append(box);
  area.focus();
}

document.documentElement.classList.add("drops");
document.addEventListener("dragover", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  document.documentElement.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.documentElement.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  document.documentElement.classList.remove("dropping");
  choose([...files.files, ...event.dataTransfer.files]);
});
files.addEventListener("change", showChosen);
form.querySelector(".more").addEventListener("click", (event) => {
  if (texts().length >= mostArticles) return;
  event.preventDefault();
  addBox();
});
form.addEventListener("submit", (event) => {
  const empty = !files.files.length && !texts().some((box) => box.value.trim());
  status.textContent = empty ? "Paste an article, or choose a file." : fault() || "Reading …";
  if (empty || fault()) event.preventDefault();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    form.requestSubmit(form.querySelector(".lead"));
  }
});
window.addEventListener("pageshow", () => {
  status.textContent = "";
  showChosen();
});
