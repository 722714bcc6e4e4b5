//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::how_long_is_a_round_trip,
    command: &["tcp-client", "--count", "1000", "--speed", "inf"],
    scene: "talk",
    answers: &[Answer::Figure(words::round_trip_median)],
};

const ZH: &[(&str, &str)] = &[
    ("about", "每两秒对 tcp-server 说一次 hello,并显示回复的客户端。"),
    (
        "lesson",
        "客户端连接之后,就有了双向的字节流。流不知道什么是消息:一个回复可能分几次到达,所以客户端一直读到和发出的一样多为止。它一边写一边读:长消息放不进双方之间的缓冲区,如果双方都只写不读,就会永远互相等待。

客户端的连接断开之后会重新连接,并重发那条消息;失败五次之后放弃。每次尝试之前的停顿越来越长,而且带有随机的抖动,免得同时失去服务器的客户端又同时回来。客户端一直运行到 Ctrl-C,或者收到 --count 个回复。

有了 --connections,客户端就给服务器加负载:同时建立许多连接,逐字节地核对每个回复,并给出回复时间的分布。

  闭环(默认):一个连接的上一条消息收到回复之后,才发送下一条。它能找出最高的吞吐量,但看不出用户要等多久:服务器停顿一秒,客户端也跟着停顿一秒。每个连接只算一个慢的回复,而用户在这一秒里本来会发出的消息全都漏掉了,停顿从 p99 里消失了。这叫作协调遗漏(coordinated omission)。

  开环(--rate):在固定的时刻发送,正如用户那样,用户不会互相等待。一条消息的延迟从它该发出的时刻算起,所以那一秒里的每条消息都算上了完整的延迟。要相信的是开环的 p99,而且速率是服务器跟得上的。跟不上的时候,客户端会说明,并给出实际达到的速率。

--speed 除的是两条消息之间的两秒,以及重新连接之前的停顿。--duration、--rate 和 --timeout 不变:那些是真实的秒数。

各幕:
  talk  没有 --connections 时
  load  有 --connections 时",
    ),
    (
        "examples",
        "示例:
  tcp-server                                先在另一个终端运行
  tcp-client                                一直说 hello,直到 Ctrl-C
  tcp-client --count 3 --speed 1            三次,笔记原来的速度
  tcp-client --message '你好, world' --count 1
  tcp-client --count 10000 --speed inf      一次往返要多久?
  tcp-client --connections 64               十秒的负载,闭环
  tcp-client --connections 64 --duration 30 --rate 20000
                                            开环:在这个速率下,用户看到的是什么?
  tcp-client --connections 8 --count 1 --message-file photo.jpg",
    ),
    ("# Load", "负载"),
    ("host", "服务器的地址,或者它的名称"),
    ("port", "服务器的端口"),
    ("message", "要发送的消息"),
    ("message_file", "发送文件的内容,最多 64 MiB 的任意字节:命令行放不下长消息"),
    ("count", "每个连接收到 N 个回复之后结束 [默认:一直到 Ctrl-C,或者由 --duration 决定]"),
    (
        "timeout",
        "最多等待多久:等待连接,等待回复,等待服务器在最后一个回复之后关闭连接。更慢的回复算作丢失,消息会在新的连接上重发;有 --count 的负载,三倍的时间里没有任何回复就结束 [默认:一直等待,等服务器关闭是 60;加负载时是 10]",
    ),
    ("connections", "给服务器加负载,同时有 N 个连接"),
    ("duration", "负载持续多久 [默认:10]"),
    ("rate", "开环:所有连接合计每秒 R 条消息"),
];
