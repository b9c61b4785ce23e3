/* A page with parts one can touch, and no lesson around them. */

import { startParts } from "./parts.js";

startParts(document.querySelector("main"));
