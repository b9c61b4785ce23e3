/* What a convolution costs: `before` channels in, `after` out, on a map whose sides stay as long as they are. */

/* One with a kernel of so many values a side: {parameters, multiplications}. */
export function convolution(kernel, before, after, side) {
  const weights = before * after * kernel ** 2;
  return { parameters: weights + after, multiplications: weights * side ** 2 };
}

/* A 1×1 down to `between` channels, the kernel there, a 1×1 up to `after`: the three together. */
export function squeezed(kernel, before, after, between, side) {
  const three = [
    convolution(1, before, between, side),
    convolution(kernel, between, between, side),
    convolution(1, between, after, side),
  ];
  const sum = (name) => three.reduce((sofar, one) => sofar + one[name], 0);
  return { parameters: sum("parameters"), multiplications: sum("multiplications") };
}
