//! The help in Chinese.

use common::help::{Help, Translation};
use common::lang::Lang;

pub(crate) const HELP: Help = Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], ..Help::ENGLISH };

const ZH: &[(&str, &str)] = &[
    ("about", "我们的原语与同类并列,一起测量。"),
    (
        "lesson",
        "表格的每一行拿我们的一个原语与一个同类比较,轮流进行:我们、同类、同类、我们,如此反复。每一轮双方都在新的进程里运行,做大约 300 毫秒的工作,从所有进程准备好的时刻计时,到最后一件到达为止。到达的内容都要核对。比值按轮计算。TCP 服务器由同一个客户端加负载 500 毫秒。

结果是一页 Markdown,以英语写成。比期望慢的行会如实说明,不算失败:每一行都测量了,退出代码是 0;因为同类缺失、卡住或者出错而有一行没有测量,退出代码是 1。",
    ),
    (
        "examples",
        "示例:
  bench                                  整个表格
  bench --quick --only queue             先看看队列
  bench --only ipc-channel --rounds 51   仔细看一行
  bench --only soak --soak 60            TCP 服务器各满负载一分钟
  bench --json > figures.json            所有数字,供程序读取",
    ),
    ("only", "只测量名称含有它的行(可以给出多次)"),
    ("rounds", "多少轮 [默认:7]"),
    ("work", "一轮做多少工作,是大约 300 毫秒的多少倍 [默认:1]"),
    ("quick", "先看一眼:3 轮,每轮三分之一的工作"),
    ("deadline", "我们或同类在一轮里最多用多少秒 [默认:60;--work 大于 1 时再乘以它]"),
    ("soak", "在名称含有 `soak` 的行里,TCP 服务器满负载多少秒"),
    ("json", "输出一个 JSON 对象,含有每一轮的所有数字"),
    ("list", "只列出各行的名称,不测量"),
    ("lang", "本帮助和错误信息的语言;那一页以英语写成 [默认:由系统的语言设置决定]"),
    ("<FACTOR>", "倍数"),
];
