// Progressive enhancement alone: every page works without it where a form suffices.
"use strict";
