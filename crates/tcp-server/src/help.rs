//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::is_a_connection_left_open,
    command: &["tcp-server", "--port", "0"],
    scene: "serve",
    answers: &[Answer::Check(words::all_closed)],
};

const ZH: &[(&str, &str)] = &[
    ("about", "把收到的一切变成大写发回去的服务器,用三种模型同时服务许多客户端。"),
    (
        "lesson",
        "服务器在一个地址上监听,并接受连接:每次接受得到一个连接,也就是双向的字节流。流不知道什么是消息:一方一次发出的内容,可能分几次到达,一个汉字也可能分两次到达。所以服务器来多少字节就回多少字节,一个字符到齐之后才显示。

客户端很多的时候,谁等谁?
  threads  一个连接一个线程,只等自己的客户端,所以沉默的客户端不会让别的客户端等待。每个线程都有代价:内存,以及每条消息一次的切换。
  pool     N 个线程服务 N 个客户端;第 N+1 个客户端连上之后,要等到其中一个离开。随客户端数量增长的只有队列。
  events   每个核一个事件循环。其中一个同时等待所有客户端;它连续工作一毫秒之后,就叫醒另一个。每个客户端的代价最小;但是任何调用都不能阻塞,服务一个客户端的代码也被切成许多段。

服务器一直运行到 Ctrl-C 或 SIGTERM。然后它不再接受新的客户端,把已经收到的内容回复完,关闭连接,并报告结果。拖延超过 --drain-timeout 的客户端会被断开,退出代码是 1。第二个信号让服务器立即结束。

客户端只发送、不读取回复时,服务器也不再读取它的内容:TCP 会让它慢下来,服务器为它最多保留一次读取的 1024 字节。

客户端不必等待标准输出或标准错误的读者。服务器要显示的内容先放在 4 MiB 的缓冲区里,放不下的行会被丢弃并计数。

各幕:
  serve  只有这一幕",
    ),
    (
        "examples",
        "示例:
  tcp-server                            和笔记一样,在 127.0.0.1:8005;Ctrl-C 结束它
  tcp-server --port 0                   在一个空闲的端口
  tcp-server --model pool --workers 2   然后启动三个客户端:第三个要等到有一个离开
  tcp-server --model events --quiet     最快的方式
  tcp-server --host ::1 --idle-timeout 30 --max-connections 100
  tcp-client                            在另一个终端:一遍一遍地打招呼
  nc 127.0.0.1 8005                     在另一个终端:想说什么就说什么",
    ),
    ("host", "监听的地址,或者本机的名称。默认的地址从别的机器连接不上"),
    ("port", "监听的端口。0 表示任选一个空闲的,`listening on ...` 一行会说明是哪一个"),
    ("model", "服务器怎样服务许多客户端"),
    ("model=threads", "一个连接一个线程,和笔记一样"),
    ("model=pool", "固定数量的线程,每个服务一个连接;其余的连接等待空闲的线程"),
    ("model=events", "每个核一个循环,所有循环共同服务所有客户端"),
    ("workers", "pool 的线程数 [默认:64],或者 events 的循环数 [默认:每个核一个]"),
    (
        "max_connections",
        "同时最多多少个客户端;其余的在内核的等待队列里,直到有客户端离开。服务器会相应地提高打开文件数的限制,最多到硬限制 [默认:10000,或者系统允许的线程数]",
    ),
    ("idle_timeout", "关闭这么久没有任何字节往来的连接,真实的秒数 [默认:永不]"),
    ("drain_timeout", "客户端和标准输出的读者最多能把结束拖延多久,真实的秒数"),
    ("quiet", "不显示客户端说的话"),
    ("<MODEL>", "模型"),
];
