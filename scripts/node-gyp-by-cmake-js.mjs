#!/usr/bin/env node
/**
 * What prebuildify takes for node-gyp: compiles the addon named by `TANDEM_ADDON` with cmake-js and puts it where
 * node-gyp would, `build/Release` of the working directory. node-gyp's own arguments do not matter to Node-API.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { compileAddon } from "../lib/cli/setup-addons.js";
import { addonBuild } from "../lib/engine/addon-build.js";
import { findTorch } from "../lib/engine/find-torch.js";
import { managedVenv, tandemHome } from "../lib/engine/runtime-home.js";

const addon = process.env.TANDEM_ADDON;
const torch = addon === "torch" ? findTorch().runtime : undefined;
const home = tandemHome();
const place = { home, env: process.env, toolFolder: join(managedVenv(home), "bin") };
const file = await compileAddon(addonBuild(addon, torch), torch, place);
const output = join(process.cwd(), "build/Release");
mkdirSync(output, { recursive: true });
copyFileSync(file, join(output, basename(file)));
