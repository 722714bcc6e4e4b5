//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::what_becomes_of_the_dish,
    command: &["prod-cons", "--scene", "kill"],
    scene: "kill",
    answers: &[Answer::Figure(words::served_twice), Answer::Check(words::none_is_lost)],
};

const ZH: &[(&str, &str)] = &[
    ("about", "两个厨师,两个食客,一个可以 join 的队列。"),
    (
        "lesson",
        "生产者和消费者不互相等待:它们在队列里交接。这个队列只放得下几道菜,所以做得太快的厨师要等食客,吃得太快的食客要等厨师。可以 join 的队列还知道活干完了没有:食客说吃完之前,一道菜都算未完成;join 一直等到没有未完成的菜。食客不知道宴席已经结束;他们是守护进程,随主进程结束。

被 kill -9 杀死的食客说不了吃完,在 Python 里 join 会永远等下去。这里的菜只是租约:食客死了,菜重新上桌,排在最前面,监督者再启动一个食客。所以每道菜至少吃一次,但不是恰好一次:食客可能在吃完之后、说出来之前被杀死。

各幕:
  feast  每个厨师做完所有的菜,食客吃掉它们,全部吃完之后 join 返回
  kill   同样的宴席,但有一个食客在吃菜时被杀死;加上 --kill-every,就一个接一个地被杀死",
    ),
    (
        "examples",
        "示例:
  prod-cons                            十六道菜,比笔记快十倍
  prod-cons --capacity 1 --speed 100   桌上只放得下一道菜:厨师要等食客
  prod-cons --speed 1                  笔记原来的速度
  prod-cons --scene kill               一个食客被杀死:看看什么菜重新上桌,为什么
  prod-cons --scene kill --kill-every 50 --speed 5
                                       没有食客活得长,每道菜还是都吃掉了",
    ),
    ("dishes", "每个厨师做多少道菜"),
    ("capacity", "最多有多少道菜未完成:桌上的和正在吃的"),
    ("kill_every", "kill 一幕:每隔这么多毫秒杀死一次,直到全部吃完 [默认:一次]"),
];
