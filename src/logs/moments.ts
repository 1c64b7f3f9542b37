/** After every event: the greatest time that JavaScript's dates have. */
export const lastMoment = 8_640_000_000_000_000;
