/** What was found, as tables, charts and JSON. */
package dev.quern.bench.table;
