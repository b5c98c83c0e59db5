// What every page gets. Each island works on what the server wrote; without it the page still does its job.
import "htmx.org/dist/htmx.esm.min.js";
import { watchCopying } from "./copy";
import { watchDropzones } from "./dropzone";
import { watchKeys } from "./keys";
import { watchMenus } from "./menus";
import { watchPhrases } from "./phrases";
import { watchPreferences } from "./preferences";
import { watchSpeaking } from "./speak";
import { watchSubmitting } from "./submit";

watchPreferences();
watchSubmitting();
watchCopying();
watchMenus();
watchPhrases();
watchKeys();
watchDropzones();
watchSpeaking();
