/** A workflow as a picture: stages in the order in which a case comes to them, and where this case is. */

import {html, useMemo} from "/static/vendor/preact.js";
import {words} from "./format.js";
import {depths, nextOf} from "./stages.js";

const BOX = {width: 128, height: 34, across: 190, down: 58};

export function Picture({definition, here, passed, isOver}) {
  const {boxes, arrows, width, height} = useMemo(() => layOut(definition), [definition]);
  return html`
    <div class="scroll">
      <svg class="picture" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${`Stages; the case is at ${words(here)}`}>
        ${arrows.map((arrow) => html`<path key=${arrow.key} class=${`way ${passed.has(arrow.from) && (passed.has(arrow.to) || arrow.to === here) ? "taken" : ""}`} d=${arrow.path} />`)}
        ${boxes.map((box) => html`
          <g key=${box.name} class=${`box ${box.name === here ? (isOver ? "passed" : "here") : passed.has(box.name) ? "passed" : ""}`} transform=${`translate(${box.x} ${box.y})`}>
            <rect width=${BOX.width} height=${BOX.height} rx=${box.isForPeople ? 17 : 7} />
            <text x=${BOX.width / 2} y=${BOX.height / 2} dominant-baseline="central" text-anchor="middle">${words(box.name)}</text>
          </g>`)}
      </svg>
    </div>`;
}

/** Columns by the fewest steps from the start, rows in the order of the text; ways back are drawn below. */
function layOut(definition) {
  const stages = definition.stages;
  const depth = depths(definition);
  const rows = new Map();
  const at = new Map();
  for (const [name, column] of depth) {
    const row = rows.get(column) ?? 0;
    rows.set(column, row + 1);
    at.set(name, {name, isForPeople: Boolean(stages[name].review), column, x: 2 + column * BOX.across, y: 2 + row * BOX.down});
  }
  const boxes = [...at.values()];
  const deepest = Math.max(...boxes.map((box) => box.y)) + BOX.height;
  const arrows = boxes.flatMap((box) => nextOf(stages[box.name]).filter((next) => next !== box.name).map((next) => way(box, at.get(next), deepest)));
  return {boxes, arrows, width: Math.max(...boxes.map((box) => box.x)) + BOX.width + 4, height: deepest + (arrows.some((arrow) => arrow.isBack) ? 26 : 4)};
}

function way(one, other, deepest) {
  const key = `${one.name} ${other.name}`;
  const middle = BOX.height / 2;
  if (other.column > one.column) {
    const [x, y, toX, toY] = [one.x + BOX.width, one.y + middle, other.x, other.y + middle];
    const bend = (toX - x) / 2;
    return {key, from: one.name, to: other.name, path: `M${x} ${y} C${x + bend} ${y} ${toX - bend} ${toY} ${toX} ${toY}`};
  }
  const [x, toX, low] = [one.x + BOX.width / 2 + 8, other.x + BOX.width / 2 - 8, deepest + 18];
  if (one.column === other.column) return {key, from: one.name, to: other.name, path: `M${x} ${one.y + (other.y > one.y ? BOX.height : 0)} L${toX + 16} ${other.y + (other.y > one.y ? 0 : BOX.height)}`};
  return {key, from: one.name, to: other.name, isBack: true, path: `M${x} ${one.y + BOX.height} C${x} ${low} ${toX} ${low} ${toX} ${other.y + BOX.height}`};
}
