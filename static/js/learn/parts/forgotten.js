/* Digits or photographs under the normalisation that was taught, and under others in its place. */

import { countsBySubject } from "../counts.js";

export const start = (root, settings) => countsBySubject(root, settings);
