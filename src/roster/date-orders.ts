import type { DateOrder } from './cell-values.js';
import type { FoundColumn } from './column-spec.js';

/** For each column, in which order its days and months are: as most of the cells say that leave no choice. */
export function dateOrders(
  rows: readonly (readonly string[])[],
  columns: readonly FoundColumn[],
): readonly DateOrder[] {
  return columns.map(({ kind, index }) => {
    if (kind !== 'dob') return 'month-first';
    let dayFirst = 0;
    for (const cells of rows) {
      const numbers = /^\s*(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?[/.-]\s?\d{2,4}/.exec(cells[index] ?? '');
      if (numbers === null) continue;
      const [, first, , second] = numbers;
      if (Number(first) > 12) dayFirst++;
      else if (Number(second) > 12) dayFirst--;
    }
    return dayFirst > 0 ? 'day-first' : 'month-first';
  });
}
