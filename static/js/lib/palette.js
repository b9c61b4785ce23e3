/* What every chart draws with: the tokens' colours, and a dotted line from top to bottom. */

import { make } from "./page.js";

/* Tokens say light-dark(); a canvas needs the colour that it comes to. */
export function resolved(box, name) {
  const probe = box.appendChild(make("i"));
  probe.style.color = `var(${name})`;
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/* At x, in the canvas's pixels; the caller saves and restores the context. */
export function dottedLine(plot, x, colour) {
  const { ctx } = plot;
  const { top, height } = plot.bbox;
  const ratio = devicePixelRatio;
  ctx.strokeStyle = colour("--text");
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.setLineDash([]);
}
