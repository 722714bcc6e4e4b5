//! What the options of every section say, and what all programs call their values, in other languages than English.

use super::Translation;
use crate::lang::Lang;

pub(super) const TRANSLATIONS: &[Translation] = &[Translation { lang: Lang::Zh, texts: ZH }];

const ZH: &[(&str, &str)] = &[
    ("# Options of every section", "每一节都有的选项"),
    ("scene", "只演示这一幕(可以给出多次)"),
    ("lang", "运行时的语言 [默认:由系统的语言设置决定]"),
    ("speed", "把笔记里的延时除以 N;1 是笔记原来的速度,inf 不要延时"),
    ("seed", "重复以前某次运行的随机数;每次运行都会显示自己的种子"),
    ("format", "边运行边显示的文本;结束时的一个 JSON 对象;或者边运行边输出的记录,最后再加这个对象"),
    ("format=text", "先是经过,然后是测得的数字、断言和结论"),
    ("format=json", "只在结束时输出一个对象"),
    ("format=jsonl", "边运行边输出记录,每个事件一行,最后一行是那个对象"),
    ("timeline", "运行之后画出时间线:谁在什么时候运行、等待、持有、睡眠、死亡"),
    ("trace", "把这次运行写成跟踪文件,用 Perfetto (ui.perfetto.dev) 或 Chrome 自带的查看器打开"),
    ("svg", "把时间线写成图片"),
    ("all_lanes", "也画出只为演示服务的东西:安排次序的事件、传回结果的队列"),
    ("<NAME>", "名称"),
    ("<N>", "N"),
    ("<MS>", "毫秒"),
    ("<SECONDS>", "秒"),
    ("<FILE>", "文件"),
    ("<PATH>", "路径"),
    ("<LANG>", "语言"),
    ("<FORMAT>", "格式"),
    ("<HOST>", "主机"),
    ("<PORT>", "端口"),
    ("<TEXT>", "文本"),
    ("<R>", "R"),
    ("<DIR>", "目录"),
];
