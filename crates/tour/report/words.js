// The page's own words, in both languages.

import { pick } from "report/state.js";
import { length } from "report/time.js";

export const STATE_WORDS = [
  ["running", "运行"],
  ["sleeping", "睡眠"],
  ["waiting", "等待"],
  ["holding a lock", "持锁"],
  ["asleep with the lock", "持锁睡眠"],
  ["working", "处理"],
  ["working, asleep", "处理中睡眠"],
  ["ended, not reaped yet", "已结束,尚未回收"],
  ["holding a lock that nobody waits for", "持锁,但没有谁在等"],
];

const MARK_WORDS = {
  says: ["says", "说"],
  redelivered: ["gets again what somebody else did not finish", "重新得到别人没有做完的"],
  "dead letter": ["gives up", "放弃"],
  "owner died": ["gets a lock whose holder died", "得到持有者已死的锁"],
  "handed over": ["gets a value from", "取到一个值,来自"],
};

export const markWords = (what) => pick(MARK_WORDS[what] ?? [what, what]);

// What was said, in the reader's language where the journal has it.
export const saidIn = (tour, lang, text, other) => (other && lang !== tour.lang ? other : text);

export const say = {
  title: () => pick(["Concurrency notes you can run, watch and trust", "可以运行、可以观察、可以信任的并发编程笔记"]),
  report: () => pick(["Report of a tour", "巡览报告"]),
  skip: () => pick(["Skip to the content", "跳到正文"]),
  sections: () => pick(["Sections", "章节"]),
  overview: () => pick(["Overview", "总览"]),
  everything: () => pick(["All on one page", "全部在一页"]),
  language: () => pick(["Language", "语言"]),
  theme: () => pick(["Colours", "配色"]),
  themes: () => ({ auto: pick(["auto", "自动"]), light: pick(["light", "浅色"]), dark: pick(["dark", "深色"]) }),
  notesNumber: (numbers) => pick([`notes ${numbers}`, `笔记第 ${numbers} 节`]),
  lesson: () => pick(["The lesson", "要点"]),
  notesSay: () => pick(["What the notes say, and what is true", "笔记怎么说,事实又如何"]),
  right: () => pick(["right", "正确"]),
  wrong: () => pick(["wrong", "不对"]),
  half: () => pick(["not quite", "不尽然"]),
  inThisRun: () => pick(["In this run", "这一次运行"]),
  checks: () => pick(["Claimed beforehand, observed afterwards", "事先的断言,事后的观察"]),
  claim: () => pick(["claim", "断言"]),
  expected: () => pick(["expected", "预期"]),
  observed: () => pick(["observed", "观察到"]),
  held: () => pick(["held", "成立"]),
  notHeld: () => pick(["did not hold", "不成立"]),
  notLooked: () => pick(["never looked at", "没有核对"]),
  nothing: () => pick(["nothing", "无"]),
  yes: () => pick(["yes", "是"]),
  no: () => pick(["no", "否"]),
  figures: () => pick(["Measured", "测得"]),
  section: () => pick(["section", "章节"]),
  lessonHead: () => pick(["lesson", "要点"]),
  measuredHead: () => pick(["measured", "测得"]),
  time: () => pick(["time", "用时"]),
  claimsHeld: () => pick(["claims held", "成立的断言"]),
  ofClaims: (kept, made) => pick([`${kept} of ${made}`, `${made} 条中 ${kept} 条`]),
  verdict: (held, kept, made) =>
    held
      ? pick([`Everything held: ${kept} of ${made} sections.`, `全部成立:${made} 节中 ${kept} 节成立。`])
      : pick([`Not everything held: ${kept} of ${made} sections.`, `并非全部成立:${made} 节中只有 ${kept} 节成立。`]),
  terms: (tour) => {
    const when = new Date(tour.ended).toLocaleString(pick(["en-GB", "zh-CN"]), { dateStyle: "long", timeStyle: "short" });
    const pace = tour.speed === "inf" ? pick(["without the notes' delays", "不含笔记里的延时"]) : pick([`${tour.speed} times the notes' pace`, `笔记速度的 ${tour.speed} 倍`]);
    return pick([
      `${when}. It took ${length(tour.elapsed)} on ${tour.cores} ${tour.cores === 1 ? "core" : "cores"}, at ${pace}, with seed ${tour.seed}.`,
      `${when}。用时 ${length(tour.elapsed)},${tour.cores} 核,${pace},种子 ${tour.seed}。`,
    ]);
  },
  noNetwork: () =>
    pick([
      "Every line below is drawn from the journal of real processes and threads. This file asks no network for anything.",
      "下面的每一笔都取自真实进程与线程的记录。本文件不访问任何网络。",
    ]),
  storyTitle: () => pick(["Start here: the same sale, without and with a lock", "从这里开始:同一次售票,没有锁与有锁"]),
  storyMore: () => pick(["Look closely, with the code beside it", "仔细看看,旁边有源代码"]),
  allSections: () => pick(["Every section", "所有章节"]),
  complaints: () => pick(["What it said outside of its journal", "记录之外的输出"]),
  skipped: (count) =>
    count === 1
      ? pick(["One line of its journal could not be read.", "有一行记录读不出来。"])
      : pick([`${count} lines of its journal could not be read.`, `有 ${count} 行记录读不出来。`]),
  noScenes: () => pick(["It ended before it had played a scene.", "还没有演出任何一幕就结束了。"]),
  runLanguage: () =>
    pick([
      "Names and quoted lines are in the language of the run: Chinese. (tour --lang en speaks English.)",
      "角色的名字和引用的话用的是运行时的语言:英语。(tour --lang zh 说中文。)",
    ]),

  timeline: (scene) => pick([`Timeline of ${scene}`, `${scene} 的时间线`]),
  timelineHelp: () =>
    pick([
      "Drag to pan; Ctrl and wheel, or the wheel after a click, to zoom; point at a bar to see who and why; click to pin. Keys: arrows, + and −, 0 for all, N and P for the next and the previous event, V for taller lanes where there are many, Enter to pin, Esc to let go.",
      "拖动平移;按住 Ctrl 滚动滚轮(或点击后直接滚动)缩放;指向色条查看详情;点击固定。键盘:方向键,+ 与 −,0 看全部,N 与 P 跳到下一个与上一个事件,V 在泳道很多时加高,回车固定,Esc 取消。",
    ]),
  timelineRole: () => pick(["timeline", "时间线"]),
  helpTitle: () => pick(["How to move about", "如何操作"]),
  zoomIn: () => pick(["Zoom in", "放大"]),
  zoomOut: () => pick(["Zoom out", "缩小"]),
  earlier: () => pick(["Earlier", "向前"]),
  later: () => pick(["Later", "向后"]),
  all: () => pick(["All", "全部"]),
  taller: () => pick(["Lane height", "泳道高度"]),
  range: (from, until) => pick([`${length(from)} to ${length(until)}`, `${length(from)} 至 ${length(until)}`]),
  pointHere: () => pick(["Point at a bar, or walk with N and P, to see who, what, how long and why.", "指向一段色条,或用 N、P 键逐个查看:谁、做什么、多久、为什么。"]),
  pinned: () => pick(["pinned", "已固定"]),
  lives: (lane) => {
    const kind = lane.pid === lane.tid ? pick([`process ${lane.pid}`, `进程 ${lane.pid}`]) : pick([`thread ${lane.tid} of process ${lane.pid}`, `进程 ${lane.pid} 的线程 ${lane.tid}`]);
    const end = lane.exit ? pick([`, ended: ${lane.exit}`, `,结束:${lane.exit}`]) : "";
    return `${kind}${end}`;
  },
  runs: () => pick(["runs", "运行"]),
  at: (time) => pick([`at ${length(time)}`, `在 ${length(time)}`]),
  fromTo: (from, until) => pick([`from ${length(from)} to ${length(until)}`, `从 ${length(from)} 到 ${length(until)}`]),
  cut: () => pick(["cut short by its death", "因死亡而中断"]),
  heldMeanwhile: (who) => pick([`Held meanwhile by ${who}.`, `其间的持有者:${who}。`]),
  waitedMeanwhile: (count, who) => pick([`Waiting for it meanwhile: ${count} (${who}).`, `其间有 ${count} 个在等它(${who})。`]),
  nobodyWaited: () => pick(["Nobody waited for it meanwhile.", "其间没有谁在等它。"]),
  cameFrom: (who) => pick([`It came from ${who}.`, `来自 ${who}。`]),
  wentTo: (who) => pick([`It went to ${who}.`, `交给了 ${who}。`]),
  ofItAsleep: (time) => pick([`Asleep for ${time} of that.`, `其中睡眠 ${time}。`]),
  and: (more) => pick([` and ${more} more`, `等另外 ${more} 个`]),
  line: (at) => pick([`code: ${at}`, `代码:${at}`]),

  whereTimeGoes: () => pick(["Where the time went, all actors together", "时间花在哪里(全部角色合计)"]),
  table: () => pick(["The same as a table", "用表格表示"]),
  who: () => pick(["who", "谁"]),
  what: () => pick(["process or thread", "进程或线程"]),
  from: () => pick(["from", "始"]),
  until: () => pick(["to", "终"]),
  end: () => pick(["end", "结局"]),
  livesOn: () => pick(["lives on", "继续"]),
  source: () => pick(["The code of this section", "本节的源代码"]),
  sourceFile: () => pick(["File", "文件"]),
  lineOf: (line) => pick([`line ${line}`, `第 ${line} 行`]),
};

// A wait that is shorter than this part of the scene is not.
const WORTH_TELLING = 0.02;

const percent = (part, whole) => `${Math.round((100 * part) / Math.max(1, whole))} %`;

// What the picture of a scene says, as sentences.
export function factsInWords(scene, picture) {
  const { facts } = scene;
  const name = (lane) => picture.lanes[lane]?.name ?? "?";
  const told = [];
  const contended = facts.things.filter(({ holds, waits }) => holds > 0 && waits > 0);
  told.push(...contended.map((thing) => lock(thing, picture, name)));
  if (facts.most_asleep > 1) {
    told.push(
      pick([
        `Up to ${facts.most_asleep} slept at the same time: together ${length(facts.asleep)} of sleep in ${length(picture.length)}.`,
        `最多有 ${facts.most_asleep} 个同时在睡:${length(picture.length)} 之内一共睡了 ${length(facts.asleep)}。`,
      ]),
    );
  } else if (facts.most_asleep === 1 && facts.asleep > 0) {
    told.push(
      pick([
        `Never did two sleep at the same time: the pauses add up, to ${length(facts.asleep)} of ${length(picture.length)}.`,
        `从来没有两个同时在睡:停顿一个接一个,加起来是 ${length(picture.length)} 中的 ${length(facts.asleep)}。`,
      ]),
    );
  }
  for (const voice of facts.said.slice(0, 6)) {
    const { text, count, from, until } = voice;
    const words = text.replace(/^…[ ::]*/, "");
    const apart = length(until - from);
    told.push(
      pick([
        `${count} said “${words}”: the first, ${name(voice.first)}, at ${length(from)}, the last, ${name(voice.last)}, ${apart} later.`,
        `${count} 个说了“${words}”:最先是 ${name(voice.first)},在 ${length(from)};最后是 ${name(voice.last)},晚了 ${apart}。`,
      ]),
    );
  }
  for (const thing of facts.things) {
    const { on, holds, longest, works } = thing;
    if (holds === 0 && longest > picture.length * WORTH_TELLING) told.push(waits(thing, name));
    if (works > 0) told.push(pick([`${works} times somebody worked on what came out of ${on}.`, `从 ${on} 取出并处理了 ${works} 次。`]));
  }
  if (facts.owners_died > 0) {
    told.push(pick([`${facts.owners_died} times a lock was freed by its holder's death.`, `有 ${facts.owners_died} 次锁因持有者死亡而释放。`]));
  }
  if (facts.redelivered > 0) {
    told.push(
      pick([
        `What somebody had not finished came back and was handed out again: ${facts.redelivered} times.`,
        `没有做完的被收回并重新分发:${facts.redelivered} 次。`,
      ]),
    );
  }
  for (const lane of facts.deaths.slice(0, 8)) {
    const { death, ended } = picture.lanes[lane];
    const by = death.startsWith("SIG") ? ["was ended by", "被结束:"] : ["ended with", "结束:"];
    told.push(pick([`${name(lane)} ${by[0]} ${death}, at ${length(ended)}.`, `${name(lane)} ${by[1]}${death},在 ${length(ended)}。`]));
  }
  return told;
}

function lock(thing, picture, name) {
  const { on, held, asleep, waited, waits, who, longest } = thing;
  const slept = asleep > 0 ? pick([`, asleep for ${percent(asleep, held)} of that`, `,其中 ${percent(asleep, held)} 在睡眠`]) : "";
  return pick([
    `For ${length(held)} of ${length(picture.length)} somebody held ${on}${slept}. All others had to wait: ${waits} waits, ${length(waited)} together. ${name(who)} waited longest, ${length(longest)}.`,
    `${length(picture.length)} 里有 ${length(held)} 有人持有 ${on}${slept}。别人只能等:等了 ${waits} 次,合计 ${length(waited)}。${name(who)} 等得最久:${length(longest)}。`,
  ]);
}

function waits({ on, waits, waited, who, longest }, name) {
  return pick([
    `At ${on} somebody had to wait ${waits === 1 ? "once" : `${waits} times`}, ${length(waited)} together; ${name(who)} waited longest, ${length(longest)}.`,
    `在 ${on} 等了 ${waits} 次,合计 ${length(waited)};${name(who)} 等得最久:${length(longest)}。`,
  ]);
}
