/** Settings that pipelines share. */
package dev.quern.setting;
