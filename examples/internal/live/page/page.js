
"use strict";
const $ = id => document.getElementById(id);
const every = Number(document.documentElement.dataset.every);
const patience = Math.max(5000, 3 * every); // milliseconds without a snapshot
const quiet = 3; // seconds without a record that are worth a word
const counts = new Intl.NumberFormat("en");
const shares = new Intl.NumberFormat("en", {style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1});

// What comes from the log is only ever set as text.
function set(node, text) {
	if (node.textContent !== text) node.textContent = text;
}
function make(tag, attributes = {}, ...children) {
	const node = document.createElement(tag);
	for (const name in attributes) node.setAttribute(name, attributes[name]);
	node.append(...children);
	return node;
}
const share = (part, all) => all ? shares.format(part / all) : "–";
function duration(seconds) {
	if (seconds === undefined) return "–";
	if (seconds === 0) return "< 1 ms";
	if (seconds < 0.9995) return Number((seconds * 1000).toPrecision(3)) + " ms";
	return counts.format(Number(seconds.toPrecision(3))) + " s";
}

// A sparkline stands on zero and reaches the top at the greatest value.
function spark(svg, series, label) {
	const greatest = Math.max(1, ...series);
	const points = series.map((n, i) => i * 590 / (series.length - 1) + " " + (98 - 96 * n / greatest).toFixed(1)).join("L");
	svg.querySelector(".line").setAttribute("d", "M" + points);
	svg.querySelector(".area").setAttribute("d", "M0 100L" + points + "L590 100Z");
	svg.setAttribute("aria-label", label + ", last minute: at most " + counts.format(Math.max(...series)));
}
function newSpark() {
	const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg");
	for (const [name, value] of [["class", "spark"], ["viewBox", "0 0 590 100"], ["preserveAspectRatio", "none"], ["role", "img"]]) svg.setAttribute(name, value);
	for (const name of ["area", "line"]) svg.append(document.createElementNS(ns, "path")), svg.lastChild.setAttribute("class", name);
	return svg;
}

// A table keeps its rows by key, so that neither focus nor selection is lost. The roles
// are said because a narrow page lays rows out as grids, which would lose them.
class Table {
	constructor(box, name, columns, stack) {
		this.box = box;
		this.columns = columns;
		this.rows = new Map();
		this.body = make("tbody", {role: "rowgroup"});
		this.table = make("table", {role: "table", "aria-label": name, class: stack ? "stack" : ""},
			make("thead", {role: "rowgroup"}, make("tr", {role: "row"}, ...columns.map(c => make("th", {role: "columnheader", scope: "col"}, c)))), this.body);
		this.empty = make("p", {class: "empty"}, "none yet");
	}
	// update shows the items; fill(item, cells) fills the cells of one.
	update(items, key, fill) {
		const keys = new Set();
		for (const item of items) {
			let k = key(item);
			while (keys.has(k)) k += " "; // names that differ in what is not shown
			keys.add(k);
		}
		for (const [k, row] of this.rows) {
			if (!keys.has(k)) this.rows.delete(k), row.remove();
		}
		[...keys].forEach((k, i) => {
			let row = this.rows.get(k);
			if (!row) {
				row = make("tr", {role: "row"}, ...this.columns.map((c, j) => make(j ? "td" : "th", j ? {role: "cell", "data-name": c} : {role: "rowheader", scope: "row"})));
				this.rows.set(k, row);
			}
			fill(items[i], row.children);
			if (this.body.children[i] !== row) this.body.insertBefore(row, this.body.children[i] || null);
		});
		const shown = items.length ? this.table : this.empty;
		if (this.box.firstChild !== shown) this.box.replaceChildren(shown);
	}
}

const groupColumns = ["name", "last minute", "a second", "requests", "p50", "p90", "p99", "bots", "2xx", "3xx", "4xx", "5xx"];
const tables = {
	servers: new Table($("servers"), "Servers", groupColumns, true),
	vhosts: new Table($("vhosts"), "Virtual hosts", groupColumns, true),
	paths: new Table($("paths"), "Top paths", ["path", "requests", "share"]),
	parts: new Table($("parts"), "Pipeline", ["part", "read", "written", "skipped", "rejected", "lag", "state"], true),
};
const nameOf = g => g.other ? "all others" : g.name || "(no name)";
const keyOf = g => g.other + g.name;
let chosen = null; // {kind, key} of the group that is shown above; null is all
let last = null, came; // the snapshot that is shown, and when it came

function choose(kind, key) {
	chosen = chosen && chosen.kind === kind && chosen.key === key ? null : {kind, key};
	show(last);
}
$("all").onclick = () => { chosen = null; show(last); $("main").querySelector("button[aria-pressed]")?.focus(); };

function showGroups(kind, groups) {
	tables[kind].update(groups, keyOf, (g, cells) => {
		const t = g.times || {};
		if (!cells[0].firstChild) {
			const button = make("button", {type: "button"}, make("bdi"));
			button.onclick = () => choose(kind, keyOf(g));
			cells[0].append(button);
			cells[1].append(newSpark());
			cells[1].className = "chart";
		}
		cells[0].firstChild.setAttribute("aria-pressed", String(!!chosen && chosen.kind === kind && chosen.key === keyOf(g)));
		set(cells[0].querySelector("bdi"), nameOf(g));
		spark(cells[1].firstChild, g.series, "Requests a second");
		const texts = [counts.format(g.rate), counts.format(g.requests), duration(t.p50), duration(t.p90), duration(t.p99),
			share(g.bots, g.requests), ...g.status.slice(2).map(n => counts.format(n))];
		texts.forEach((text, i) => set(cells[i + 2], text));
		cells[10].className = g.status[4] ? "warn" : "";
		cells[11].className = g.status[5] ? "bad" : "";
	});
}

function showFocus(g, name) {
	const t = g.times || {};
	set($("of"), name);
	set($("rate"), counts.format(g.rate));
	set($("requests"), counts.format(g.requests) + " in the last minute");
	spark($("spark"), g.series, "Requests a second");
	set($("peak"), "peak " + counts.format(Math.max(...g.series)) + " a second");
	set($("errors"), share(g.status[5], g.requests));
	$("errors").className = g.status[5] ? "bad" : "";
	for (const p of ["p50", "p90", "p99"]) set($(p), duration(t[p]));
	set($("bots"), share(g.bots, g.requests));
	set($("bot-requests"), counts.format(g.bots) + (g.bots === 1 ? " request" : " requests"));
	const classes = [["2xx", g.status[2], "s2"], ["3xx", g.status[3], "s3"], ["4xx", g.status[4], "s4"], ["5xx", g.status[5], "s5"], ["other", g.status[0] + g.status[1], "s0"]];
	classes.forEach(([, n], i) => { $("bar").children[i].style.width = 100 * n / (g.requests || 1) + "%"; });
	$("status").replaceChildren(...classes.filter(([, n], i) => n || i < 4).map(([name, n, style]) =>
		make("li", {}, make("span", {}, make("i", {class: style}), name), counts.format(n))));
	// A path that came a time or two among many that are not watched tells nothing.
	const paths = g.paths.filter(p => !p.atLeast || p.requests >= g.requests / 1000);
	tables.paths.update(paths, p => p.path, (p, cells) => {
		if (!cells[0].firstChild) cells[0].append(make("bdi"));
		set(cells[0].firstChild, p.path || "(no path)");
		set(cells[1], (p.atLeast ? "≥ " : "") + counts.format(p.requests));
		set(cells[2], (p.atLeast ? "≥ " : "") + share(p.requests, g.requests));
		cells[0].style.setProperty("--share", 100 * p.requests / g.paths[0].requests + "%");
	});
}

function show(s) {
	if (!s) return;
	let focus = s.all, name = "All requests";
	if (chosen) {
		const g = s[chosen.kind].find(g => keyOf(g) === chosen.key);
		if (g) focus = g, name = (chosen.kind === "servers" ? "Server " : "Virtual host ") + nameOf(g);
		else chosen = null;
	}
	$("all").hidden = !chosen;
	showFocus(focus, name);
	set($("paths-title"), chosen ? "Top paths of " + nameOf(focus) : "Top paths");
	showGroups("servers", s.servers);
	showGroups("vhosts", s.vhosts);
	$("pipeline").hidden = !s.parts.length;
	tables.parts.update(s.parts, p => p.name, (p, cells) => {
		[p.name, ...[p.read, p.written, p.skipped, p.rejected, p.lag].map(n => n < 0 ? "–" : counts.format(n)), p.trouble ? "trouble" : p.read < 0 && p.lag < 0 ? "–" : "fine"].forEach((text, i) => set(cells[i], text));
		cells[4].className = p.rejected > 0 ? "bad" : "";
		cells[6].className = p.trouble ? "bad" : "";
	});
	set($("since"), counts.format(s.records) + " records since the start" + (s.undecodable ? ", and " + counts.format(s.undecodable) + " that were no JSON objects." : "."));
}

function showTrouble(...items) {
	$("trouble").hidden = !items.length;
	$("trouble").replaceChildren(...items);
}

// state shows how the stream is, in the title of the tab too. Screen readers are told of
// changes only, not of each second; so the list of troubles is no alert.
function state(name, text, spoken = text) {
	$("state").dataset.state = name;
	document.title = (name === "live" ? $("rate").textContent + "/s" : text) + " – Access log, live";
	$("main").classList.toggle("stale", name === "lost");
	set($("state-text"), text);
	set($("announce"), spoken);
}
function showState(s) {
	const ill = s.parts.filter(p => p.trouble);
	showTrouble(...ill.map(p => make("li", {}, make("b", {}, p.name), " ", p.trouble)));
	if (ill.length) return state("ill", "trouble: " + ill.map(p => p.name).join(", "));
	if (s.silent === null) return state("silent", "no records yet");
	if (s.silent < quiet) return state("live", "live");
	state("silent", "no records for " + counts.format(Math.floor(s.silent)) + " s", "no records are coming");
}

let source, watchdog;
function connect() {
	source = new EventSource("events");
	source.onmessage = event => {
		watch();
		last = JSON.parse(event.data);
		came = new Date();
		show(last);
		showState(last);
	};
	source.onerror = lost;
	watch();
}
function watch() {
	clearTimeout(watchdog);
	watchdog = setTimeout(lost, patience);
}
// A browser gives up for good on an answer such as 503, so it is not left to it to try
// again.
function lost() {
	source.close();
	clearTimeout(watchdog);
	state("lost", "connection lost, trying again");
	if (last) showTrouble(make("li", {}, "The server has not answered since " + came.toLocaleTimeString() + ". What is below is of then."));
	watchdog = setTimeout(connect, 2000);
}
connect();
