/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_plots.h - plots as inline SVG, to standard output
 *
 * Lengths are in percent, so that a plot is as wide as its place and its text is not
 * scaled. Classes are static text, and those of sp_html_style give the colours.
 */
#ifndef SP_TOOL_REPORT_PLOTS_H
#define SP_TOOL_REPORT_PLOTS_H

#include <stddef.h>

struct sp_plot_part {
	const char *class_name;
	size_t value;
};

/* One bar of parts side by side, of which `whole` fill the width; 0: nothing does. */
void sp_plot_bar(const struct sp_plot_part *parts, size_t count, size_t whole, int height);

/* A column, of two parts on top of each other, with its name below: static text. */
struct sp_plot_column {
	const char *name;
	struct sp_plot_part lower, upper;
};

void sp_plot_columns(const struct sp_plot_column *columns, size_t count);

#endif
