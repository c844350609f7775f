// buzz lets the device tremble shortly, where it can and somebody has touched the page.
export function buzz (ms) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(ms)
}
