/** Functions that run in a page. */

/** Resolves to the directives of its policy that were violated, when so many were. */
globalThis.violations = (count) =>
  new Promise((resolve) => {
    const directives = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
      if (directives.push(effectiveDirective) === count) resolve(directives.sort());
    });
  });

/** Does what somebody would try who got text into the page. */
globalThis.attack = async (address) => {
  const script = document.createElement("script");
  script.textContent = "document.title = 'taken'";
  document.body.append(script);
  const image = document.createElement("img");
  image.src = address;
  document.body.append(image);
  return fetch(address).catch((error) => String(error));
};

/** The module and the column of the cell that has the focus. */
globalThis.focusedCell = () => {
  const cell = document.activeElement.closest("td");
  return cell ? [cell.parentElement.querySelector("th").textContent, cell.cellIndex] : [];
};

/** Types each text, and resolves to the milliseconds that an answer took on average. */
globalThis.typingTime = (texts) => {
  const search = document.querySelector("#search");
  const begun = performance.now();
  for (const text of texts) {
    search.value = text;
    search.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();
  }
  return (performance.now() - begun) / texts.length;
};

/** Texts that are hard to read against what is behind them, by WCAG's measure. */
globalThis.poorContrasts = (least) => {
  const numbers = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = numbers(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    if (element === null) return "rgb(255, 255, 255)";
    const color = getComputedStyle(element).backgroundColor;
    return numbers(color)[3] === 0 ? behind(element.parentElement) : color;
  };
  const poor = [...document.querySelectorAll("body *")].flatMap((element) => {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim());
    if (!hasText || element.tagName === "SCRIPT") return [];
    const [one, other] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return contrast < least ? [`${element.tagName}.${element.className} ${contrast.toFixed(2)}`] : [];
  });
  return [...new Set(poor)];
};
