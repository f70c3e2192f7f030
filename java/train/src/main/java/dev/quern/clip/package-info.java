/** CLIP-powered selection: adapters or a dual encoder, alignment and diversity of every sample, and the choice by them. */
package dev.quern.clip;
