/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/report_plots.h"

#include <stdio.h>

/* Of the columns, in pixels from above. */
#define TOP    20
#define BASE   150
#define HEIGHT 174

static double share(size_t value, size_t whole)
{
	return whole > 0 ? (double)value / (double)whole : 0;
}

void sp_plot_bar(const struct sp_plot_part *parts, size_t count, size_t whole, int height)
{
	double at = 0;

	printf("<svg class=\"bar\" height=\"%d\" aria-hidden=\"true\">"
	       "<rect class=\"track\" width=\"100%%\" height=\"%d\"/>",
	    height, height);
	for (size_t i = 0; i < count; i++) {
		double width = 100 * share(parts[i].value, whole);
		if (parts[i].value > 0)
			printf("<rect class=\"%s\" x=\"%.2f%%\" width=\"%.2f%%\" height=\"%d\"/>",
			    parts[i].class_name, at, width, height);
		at += width;
	}
	puts("</svg>");
}

/* Returns where its upper end is. */
static double put_part(
    const struct sp_plot_part *part, double x, double width, double base, size_t highest)
{
	double height = (BASE - TOP) * share(part->value, highest);

	if (part->value > 0)
		printf("<rect class=\"%s\" x=\"%.2f%%\" y=\"%.1f\" width=\"%.2f%%\" "
		       "height=\"%.1f\"/>",
		    part->class_name, x, base - height, width, height);
	return base - height;
}

void sp_plot_columns(const struct sp_plot_column *columns, size_t count)
{
	double step = 100.0 / (double)count;
	size_t highest = 0;

	for (size_t i = 0; i < count; i++) {
		size_t sum = columns[i].lower.value + columns[i].upper.value;
		highest = sum > highest ? sum : highest;
	}
	printf("<svg height=\"%d\" role=\"img\">", HEIGHT);
	for (size_t i = 0; i < count; i++) {
		double x = (double)i * step + step * 0.14, width = step * 0.72;
		double middle = ((double)i + 0.5) * step;
		double end = put_part(&columns[i].lower, x, width, BASE, highest);
		end = put_part(&columns[i].upper, x, width, end, highest);
		printf("<text x=\"%.2f%%\" y=\"%.1f\" text-anchor=\"middle\">%zu</text>", middle,
		    end - 6, columns[i].lower.value + columns[i].upper.value);
		printf("<text x=\"%.2f%%\" y=\"%d\" text-anchor=\"middle\">%s</text>", middle,
		    HEIGHT - 6, columns[i].name);
	}
	printf(
	    "<line class=\"base\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/></svg>\n", BASE, BASE);
}
