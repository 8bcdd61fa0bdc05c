#!/usr/bin/env node
// A committed file, because npm links no command to a file that only a build makes.
import '../dist/main.js';
