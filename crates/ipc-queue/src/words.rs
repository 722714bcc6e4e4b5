//! What this section says, claims and measures, in each language.

common::words! {
    pub(crate) fn producer() { en: "producer", zh: "放入者" }
    /// What a consumer got, and nothing else.
    pub(crate) fn printed(value) { en: "{value}", zh: "{value}" }

    // fifo
    pub(crate) fn consumer() { en: "consumer", zh: "取出者" }
    pub(crate) fn puts(letter) { en: "puts {letter}", zh: "放入 {letter}" }
    pub(crate) fn finds_no_room(letter) { en: "full: {letter} finds no room", zh: "满了:{letter} 放不进去" }
    pub(crate) fn producer_has_ended() {
        en: "the producer has ended; only now the consumer is started", zh: "放入者已经结束,现在才启动取出者"
    }
    pub(crate) fn first_in_first_out() { en: "what was put first is got first", zh: "先进先出" }
    pub(crate) fn six_wait() {
        en: "after six puts, six values wait in the queue", zh: "放入六个之后,队列里有六个"
    }
    pub(crate) fn seventh_refused() {
        en: "the full queue refuses a seventh, and hands it back", zh: "队列满了,第七个被退回"
    }

    // full
    pub(crate) fn queue_is_full(letters) { en: "the queue is full: {letters}", zh: "队列满了:{letters}" }
    pub(crate) fn no_room_in_time(letter) {
        en: "no room in time: {letter} comes back", zh: "超时没有空位:{letter} 被退回"
    }
    pub(crate) fn puts_and_waits(letter) {
        en: "puts {letter}, without a timeout", zh: "放入 {letter},不设超时"
    }
    pub(crate) fn producer_waits() {
        en: "the producer waits: only main takes values out, and it pauses first",
        zh: "放入者在等待,主进程不取就没有人取"
    }
    pub(crate) fn gets(letter) { en: "gets {letter}", zh: "取出 {letter}" }
    pub(crate) fn is_in(letter) { en: "{letter} is in", zh: "{letter} 放进去了" }
    pub(crate) fn gives_up() {
        en: "put on the full queue gives up after its timeout, and hands the value back",
        zh: "队列满了,put 超时后放弃,并退回数据"
    }
    pub(crate) fn sleeps() {
        en: "without a timeout it waits: the kernel shows its process asleep (S) while the queue is full",
        zh: "不设超时就一直等待:队列满着,内核显示该进程在睡眠(S)"
    }
    pub(crate) fn succeeds_after_a_get() {
        en: "it succeeds only after a get has made room", zh: "取走一个之后,它才成功"
    }
    pub(crate) fn seven_in_order() {
        en: "all seven come out in order, the seventh last", zh: "七个都按次序取出,第七个排在最后"
    }
    pub(crate) fn timeout() { en: "timeout", zh: "超时" }
    pub(crate) fn waited() { en: "waited", zh: "等待" }

    // processes
    pub(crate) fn task(number) { en: "task{number}", zh: "task{number}" }
    pub(crate) fn task_again(number) { en: "task{number}'", zh: "task{number}'" }
    pub(crate) fn kung_pao_chicken() { en: "kung pao chicken", zh: "宫保鸡丁" }
    pub(crate) fn mapo_tofu() { en: "mapo tofu", zh: "麻婆豆腐" }
    pub(crate) fn puts_dish(dish) { en: "puts {dish}", zh: "放入{dish}" }
    pub(crate) fn task1_has_ended() {
        en: "task1' has ended; only now task2' is started", zh: "task1' 已经结束,现在才启动 task2'"
    }
    pub(crate) fn arrives() { en: "task2 prints what task1 has put", zh: "task2 打印出 task1 放入的菜" }
    pub(crate) fn three_processes() {
        en: "main, task1 and task2 are three processes", zh: "主进程、task1、task2 是三个不同的进程"
    }
    pub(crate) fn kept() {
        en: "what a process put before it ended reaches a process that is born later",
        zh: "放入者已经结束,之后才出生的进程仍能取到它放入的菜"
    }

    // predict, then run
    pub(crate) fn what_does_a_seventh_put_do() {
        en: "A queue of six is full. What does the process do that puts a seventh, without a timeout: spin, fail, or sleep?",
        zh: "容量为六的队列满了。再 put 第七个而不设超时,那个进程在做什么:空转、失败,还是睡眠?"
    }
    pub(crate) fn gone() { en: "gone", zh: "已消失" }
}
