//! The help in Chinese.

use common::help::{Help, Translation};
use common::lang::Lang;

pub(crate) const HELP: Help = Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], ..Help::ENGLISH };

const ZH: &[(&str, &str)] = &[
    ("about", "依次演示笔记的每一节,最后是一张表。"),
    (
        "lesson",
        "每一节在自己的进程里运行。失败、卡住或崩溃的一节是表里的一行,巡览继续。服务器和它的客户端一起运行:选择或略过其中一个,就是选择或略过两个。

所有各节都成立时,退出代码是 0,否则是 1。

巡览最后写出一份报告:一个供浏览器打开的文件,它不访问任何网络。报告显示哪个进程或线程在什么时候运行、等待、持有、睡眠、死亡,旁边是对应的代码。

第一个参数是某一节的名称时,`tour` 就是那一节的程序,接受它的选项。",
    ),
    ("usage", "tour [OPTIONS]\n       tour 章节 [章节的选项]"),
    (
        "examples",
        "示例:
  tour                            全部,大约半分钟
  tour --speed 1                  笔记原来的速度
  tour --only race,cpu-io         两节
  tour --open                     并在浏览器里打开报告
  tour --export pages             并写出可以发布、打印、放进幻灯片的页面和图片
  tour --export pages             并导出网页和图片
  tour --format json > tour.json  所有数字和断言,供程序读取
  tour race --threads 500         某一节,带上它自己的选项
  tour race --help                那一节讲的是什么",
    ),
    ("only", "只运行这些节(可以给出多次,或用逗号隔开)"),
    ("skip", "略过这些节(可以给出多次,或用逗号隔开)"),
    ("lang", "巡览和各节的语言 [默认:由系统的语言设置决定]"),
    ("seed", "重复以前某次巡览的随机数;每次巡览都会显示自己的种子"),
    ("format", "给人看的表格,或者含有各节完整报告的一个 JSON 对象"),
    ("format=text", "每一节开始和结束时各一行(在终端上是进度条),最后是表格"),
    ("format=json", "只在结束时输出一个对象"),
    ("deadline", "一节最多用多少秒,超过就由巡览结束它 [默认:120,再加 120 除以速度]"),
    ("report", "把报告写到这个文件 [默认:在本项目里是 data/tour.html,在别处是 tour.html]"),
    ("export", "把网页和图片写入这个新文件夹:可以发布、打印、放进幻灯片;这时种子是 1"),
    ("export", "把朴素的页面和图片写到这个新目录,可以发布、打印、放进幻灯片;这时种子是 1"),
    ("open", "结束时打开报告:用 BROWSER 指定的浏览器,或者 xdg-open"),
    ("<SECTION>", "章节"),
];
