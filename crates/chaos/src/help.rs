//! The help in Chinese.

use common::help::{Help, Translation};
use common::lang::Lang;

pub(crate) const HELP: Help = Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], ..Help::ENGLISH };

const ZH: &[(&str, &str)] = &[
    ("about", "在每个时刻、每个崩溃点杀死进程,并清点丢失了什么"),
    (
        "lesson",
        "队列的生产者和消费者、持锁者、购票者、守护进程的父进程都全速工作,并被 SIGKILL 杀死:在随机的时刻由外部杀死,以及在每个崩溃点由它们自己杀死;崩溃点是工具库里两次写入之间的位置。每个死去的工作者都有接替者。工作者把自己做过的事写在共享内存里,再与工具库的承诺对照。

有些故障并不杀死进程:工作者停一会儿、被调试、住在 pid 命名空间里、看不到 /proc,或者执行另一个程序。笔记的各节也在运行,其中的任何一个进程都会被杀死。

种子相同,选择就相同:杀死哪个工作者,在哪个崩溃点,在哪一微秒。它在那一微秒正在做什么,取决于机器,所以一次失败可能要用同一个种子多运行几次才会重现。",
    ),
    (
        "examples",
        "示例:
  chaos                       杀死一万个进程
  chaos 1000 --seed 7         重复以前某次运行的选择
  chaos 2000 --only mutex
  chaos --compare             同样的四种死法,在 Python 里和在这里",
    ),
    ("kills", "杀死多少个进程"),
    ("seed", "重复以前某次运行的选择;每次运行都会显示自己的种子"),
    ("only", "只运行这一种负载"),
    ("only=joinable", "`JoinableQueue` 的生产者和消费者"),
    ("only=queue", "`Queue` 的生产者和消费者"),
    ("only=mutex", "`SharedMutex` 的持锁者"),
    ("only=log", "`Log` 的写入者和读者"),
    ("only=tickets", "车票文件的购票者和备票者"),
    ("only=daemons", "守护进程的父进程"),
    ("only=sections", "笔记的各节,杀死其中的任何一个进程"),
    ("round", "只运行这个种子的这一轮,一遍又一遍"),
    ("compare", "改为比较:kill -9 对 Python 的 multiprocessing 做了什么,在这里又做了什么"),
    ("format", "文本,或者结束时的一个 JSON 对象"),
    ("<WORKLOAD>", "负载"),
    ("<KILLS>", "个数"),
];
