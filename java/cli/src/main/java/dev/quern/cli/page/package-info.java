/** Reports: tables, charts, images. */
package dev.quern.cli.page;
