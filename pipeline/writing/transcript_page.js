// The spoken word is lit, a click on a word plays it, "#t=9:30" starts there, and the text can be searched.
// The page is complete without this script.
"use strict";
(() => {
  const audio = document.getElementById("audio");
  const main = document.querySelector("main");
  const words = [...main.querySelectorAll("[data-t]")];
  const starts = words.map((word) => Number(word.dataset.t));
  const order = starts.map((_, k) => k).sort((one, other) => starts[one] - starts[other] || one - other);

  // --- the spoken word ---
  let lit = null;
  let follow = true;
  const wordAt = (ms) => {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[order[middle]] <= ms) low = middle + 1;
      else high = middle;
    }
    return low ? words[order[low - 1]] : null;
  };
  const isVisible = (element) => {
    const box = element.getBoundingClientRect();
    return box.top > 150 && box.bottom < window.innerHeight - 40;
  };
  const show = () => {
    const word = wordAt(audio.currentTime * 1000);
    if (word === lit) return;
    lit?.classList.remove("lit");
    lit = word;
    lit?.classList.add("lit");
    if (lit && follow && !audio.paused && !isVisible(lit)) lit.scrollIntoView({ block: "center" });
  };
  const tick = () => {
    show();
    if (!audio.paused) requestAnimationFrame(tick);
  };
  audio.addEventListener("play", () => {
    follow = true;
    requestAnimationFrame(tick);
  });
  audio.addEventListener("seeked", show);
  for (const name of ["wheel", "touchmove"]) {
    window.addEventListener(name, () => { follow = false; }, { passive: true });
  }

  // --- playing from a place ---
  const seek = (seconds) => {
    follow = true;
    const go = () => { audio.currentTime = seconds; };
    if (audio.readyState > 0) go();
    else audio.addEventListener("loadedmetadata", go, { once: true });
    const word = wordAt(seconds * 1000) ?? words[order[0]];
    word?.scrollIntoView({ block: "center" });
  };
  const play = () => { audio.play().catch(() => {}); }; // a refused start leaves the button of the player
  main.classList.add("plays");
  main.addEventListener("click", (event) => {
    const word = event.target.closest("[data-t]");
    if (!word || String(getSelection())) return;
    seek(Number(word.dataset.t) / 1000);
    play();
  });
  const momentOf = (hash) => {
    const match = /^#t=((?:\d{1,3}:)?(?:\d{1,5}:)?\d{1,6}(?:\.\d{1,3})?)$/.exec(hash);
    return match ? match[1].split(":").reduce((sum, part) => 60 * sum + Number(part), 0) : null;
  };
  const goToMoment = () => {
    const seconds = momentOf(location.hash);
    if (seconds !== null) seek(seconds);
  };
  for (const link of main.querySelectorAll("a.at")) {
    link.addEventListener("click", () => {
      if (link.hash === location.hash) goToMoment();
      play();
    });
  }
  window.addEventListener("hashchange", goToMoment);
  goToMoment();

  // --- search ---
  const find = document.getElementById("find");
  const status = document.getElementById("matches");
  const folded = (text) => text.normalize("NFKC").toLocaleLowerCase();
  const paragraphs = [...main.querySelectorAll("p")];
  const texts = paragraphs.map((paragraph) => folded(paragraph.textContent));
  let matches = [];
  let current = -1;
  const say = () => {
    if (!find.value.trim()) status.textContent = "";
    else if (!matches.length) status.textContent = "nothing found";
    else status.textContent = current < 0 ? String(matches.length) : `${current + 1} of ${matches.length}`;
  };
  const search = () => {
    for (const match of matches) match.classList.remove("match", "current");
    const text = folded(find.value).trim();
    matches = text ? paragraphs.filter((_, k) => texts[k].includes(text)) : [];
    current = -1;
    for (const match of matches) match.classList.add("match");
    say();
  };
  const step = (by) => {
    if (!matches.length) return;
    matches[current]?.classList.remove("current");
    current = current < 0 && by < 0 ? matches.length - 1 : (current + by + matches.length) % matches.length;
    matches[current].classList.add("current");
    matches[current].scrollIntoView({ block: "center" });
    say();
  };
  find.addEventListener("input", search);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
  });
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("previous").addEventListener("click", () => step(-1));
  document.getElementById("tools").hidden = false;
})();
