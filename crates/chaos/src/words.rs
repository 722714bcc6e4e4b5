//! What is said, claimed and measured, in each language.

common::words! {
    // workers
    pub(crate) fn producer() { en: "producer", zh: "生产者" }
    pub(crate) fn consumer() { en: "consumer", zh: "消费者" }
    pub(crate) fn joiner() { en: "joiner", zh: "join 的等待者" }
    pub(crate) fn collector() { en: "collector", zh: "死信收集者" }
    pub(crate) fn putter() { en: "putter", zh: "放入者" }
    pub(crate) fn getter() { en: "getter", zh: "取出者" }
    pub(crate) fn closer() { en: "closer", zh: "关闭者" }
    pub(crate) fn lock_holder() { en: "lock holder", zh: "持锁者" }
    pub(crate) fn log_writer() { en: "log writer", zh: "日志写入者" }
    pub(crate) fn log_reader() { en: "log reader", zh: "日志读取者" }
    pub(crate) fn ticket_buyer() { en: "ticket buyer", zh: "购票者" }
    pub(crate) fn ticket_stocker() { en: "ticket stocker", zh: "备票者" }
    pub(crate) fn parent_of_daemons() { en: "parent of daemons", zh: "守护进程的父进程" }

    pub(crate) fn process_of_a_section() { en: "process of a section", zh: "章节程序的进程" }

    // operations
    pub(crate) fn a_put() { en: "put", zh: "put" }
    pub(crate) fn a_get() { en: "get", zh: "get" }
    pub(crate) fn a_done() { en: "done", zh: "done" }
    pub(crate) fn a_return() { en: "return of an item", zh: "退回一件" }
    pub(crate) fn a_lock() { en: "lock", zh: "加锁" }
    pub(crate) fn a_purchase() { en: "purchase", zh: "购票" }

    pub(crate) fn an_append() { en: "append", zh: "追加记录" }
    pub(crate) fn a_read() { en: "read of a log", zh: "读取日志" }

    // said
    pub(crate) fn progress() {
        en: "{{bar:30}} {{pos}}/{{len}} kills, {{msg}}, {{eta}} left",
        zh: "{{bar:30}} 已杀死 {{pos}}/{{len}} 个,{{msg}},还需 {{eta}}"
    }
    pub(crate) fn in_round(number) { en: "round {number}", zh: "第 {number} 轮" }
    pub(crate) fn longest_call_was(ms, operation) {
        en: "the longest call, {ms} ms: {operation}", zh: "最长的一次调用用了 {ms} 毫秒:{operation}"
    }

    // promises
    pub(crate) fn enough_are_killed(kills) {
        en: "{kills} processes are killed", one(kills): "{kills} process is killed", zh: "{kills} 个进程被杀死"
    }
    pub(crate) fn every_crash_point(points) {
        en: "a process dies at each of the {points} crash points", zh: "{points} 个崩溃点,每个都有进程死在那里"
    }
    pub(crate) fn every_stop_point(points) {
        en: "a process stops at each of the {points} crash points", zh: "{points} 个崩溃点,每个都有进程停在那里"
    }
    pub(crate) fn no_item_lost() {
        en: "no item is lost: if its put returned, it is worked on, or a dead letter",
        zh: "一件不丢:put 返回了的,都被处理,或者成为死信"
    }
    pub(crate) fn no_item_torn() { en: "no item is torn", zh: "没有残缺的内容" }
    pub(crate) fn none_handed_out_twice() {
        en: "no delivery is handed out twice", zh: "没有一次投递被交出两次"
    }
    pub(crate) fn none_done_twice() { en: "no item is done twice", zh: "没有一件完成两次" }
    pub(crate) fn none_taken_from_the_living() {
        en: "no item is taken from a consumer that is alive", zh: "不会从活着的消费者手里拿走任何一件"
    }
    pub(crate) fn none_unexplained() {
        en: "no item is handed out again, or given up, without a death",
        zh: "没有进程死亡,就不会重新投递,也不会放弃"
    }
    pub(crate) fn deaths_told_right() {
        en: "what a delivery says of its dead holders is true", zh: "投递所说的前任持有者之死属实"
    }
    pub(crate) fn in_order() {
        en: "items are handed out in order, and returned ones in front", zh: "按顺序投递,退回的排在最前"
    }
    pub(crate) fn join_not_early() {
        en: "join never returns before all is done", zh: "全部完成之前,join 不会返回"
    }
    pub(crate) fn join_counts_right() { en: "join counts the dead letters right", zh: "join 数出的死信数正确" }
    pub(crate) fn join_gives_up() {
        en: "join gives up when all consumers are dead", zh: "消费者全部死亡时,join 会放弃"
    }
    pub(crate) fn join_gives_up_only_then() { en: "join gives up only then", zh: "join 只在那时放弃" }
    pub(crate) fn no_place_lost() { en: "no queue loses a place", zh: "没有队列丢失位置" }
    pub(crate) fn no_change_lost() {
        en: "no complete change under a mutex is lost", zh: "持锁完成的修改一次不丢"
    }
    pub(crate) fn deaths_reported_once() {
        en: "every death inside a mutex is reported once", zh: "持锁时的每次死亡都报告一次"
    }
    pub(crate) fn no_half_change_unreported() {
        en: "no lock holder finds half a change unreported", zh: "没有持锁者遇到未经报告的半次修改"
    }
    pub(crate) fn lock_can_be_ended() {
        en: "a lock that waits for a stopped holder ends when its process is asked to end",
        zh: "等待被暂停的持锁者时,只要要求进程结束,加锁就会返回"
    }
    pub(crate) fn debugged_go_on() {
        en: "every worker goes on when its debugger has let it go, or has died",
        zh: "调试器放行或死去之后,每个工作者都继续工作"
    }
    pub(crate) fn no_record_lost() {
        en: "no record of a log is lost: if its append returned, it is there", zh: "日志记录一条不丢:追加返回了的都在"
    }
    pub(crate) fn no_record_torn() {
        en: "every record is whole, once, and behind the earlier ones of its writer",
        zh: "每条记录都完整,只有一次,排在同一写入者更早的记录之后"
    }
    pub(crate) fn holes_explained() {
        en: "each hole in a log is of a writer that died in the middle, and each such death leaves one",
        zh: "日志中的每个空洞都属于写到一半死去的写入者,每次这样的死亡都留下一个"
    }
    pub(crate) fn file_always_whole() { en: "the tickets' file is always whole", zh: "车票文件始终完整" }
    pub(crate) fn tickets_sold_once() { en: "every ticket is sold once", zh: "每张票只卖出一次" }
    pub(crate) fn no_daemon_left() { en: "no daemon outlives its parent", zh: "没有守护进程活过其父进程" }
    pub(crate) fn sections_end(seconds) {
        en: "a section whose process was killed ends within {seconds} s of the kill, or of the lesson's usual end if it \
             goes on",
        zh: "有进程被杀的章节程序在被杀后(若课程继续,则在其通常结束后){seconds} 秒内结束"
    }
    pub(crate) fn sections_say_how() {
        en: "it ends by itself, with a verdict or an error of one line", zh: "它自行结束,给出结论或一行错误"
    }
    pub(crate) fn sections_leave_nothing() { en: "it leaves no process", zh: "并且不留下进程" }
    pub(crate) fn no_process_left() { en: "no process is left", zh: "没有留下进程" }
    pub(crate) fn no_zombie_left() { en: "no zombie is left", zh: "没有留下僵尸进程" }
    pub(crate) fn no_descriptor_left() { en: "no file descriptor is left", zh: "没有留下文件描述符" }
    pub(crate) fn no_mapping_left() { en: "no mapping of shared memory is left", zh: "没有留下共享内存映射" }
    pub(crate) fn no_file_left() { en: "no file is left", zh: "没有留下文件" }
    pub(crate) fn no_standstill(ms) {
        en: "the workers never stand still for {ms} ms", zh: "所有工作者从不同时停顿 {ms} 毫秒"
    }
    pub(crate) fn no_long_call(seconds) { en: "no call takes {seconds} s", zh: "没有一次调用用到 {seconds} 秒" }
    pub(crate) fn no_late_call(ms) {
        en: "a call with a deadline returns within {ms} ms of it, though a worker is stopped inside",
        zh: "有期限的调用在期限后 {ms} 毫秒内返回,即使有工作者在操作中被暂停"
    }

    // figures
    pub(crate) fn kills() { en: "kills", zh: "杀死" }
    pub(crate) fn killed_as(role) { en: "killed as a {role}", zh: "被杀死的{role}" }
    pub(crate) fn kills_at_random() { en: "kills at a random instant", zh: "在随机时刻杀死" }
    pub(crate) fn killed_by_poison() { en: "killed by a poisoned item in addition", zh: "另外死于毒件" }
    pub(crate) fn kills_at(point) { en: "kills at {point}", zh: "死在 {point}" }
    pub(crate) fn stops_at(point) { en: "stops at {point}", zh: "停在 {point}" }
    pub(crate) fn put() { en: "put", zh: "放入" }
    pub(crate) fn put_cut_short() { en: "put cut short", zh: "放入时被打断" }
    pub(crate) fn put_cut_short_but_in() { en: "put cut short, but wholly in", zh: "放入时被打断,但已完整放入" }
    pub(crate) fn done() { en: "done", zh: "完成" }
    pub(crate) fn redelivered() { en: "redelivered", zh: "重新投递" }
    pub(crate) fn given_back() { en: "given back by living consumers", zh: "由活着的消费者退回" }
    pub(crate) fn dead_letters() { en: "dead letters", zh: "死信" }
    pub(crate) fn dead_letters_tried_again() { en: "dead letters tried again", zh: "重试的死信" }
    pub(crate) fn joins_given_up() { en: "joins given up rightly", zh: "正确放弃的 join" }
    pub(crate) fn taken_along() { en: "taken along by killed getters", zh: "随被杀的取出者丢失" }
    pub(crate) fn lost() { en: "lost", zh: "丢失" }
    pub(crate) fn changes() { en: "changes under a mutex", zh: "持锁修改" }
    pub(crate) fn deaths_inside() { en: "deaths inside a mutex", zh: "持锁时死亡" }
    pub(crate) fn appended() { en: "appended to a log", zh: "追加到日志" }
    pub(crate) fn read() { en: "found by readers of a log", zh: "日志读取者读到" }
    pub(crate) fn holes() { en: "holes left in a log by the dead", zh: "死者在日志中留下的空洞" }
    pub(crate) fn tickets_sold() { en: "tickets sold", zh: "卖出的票" }
    pub(crate) fn tickets_of_dead_buyers() { en: "tickets bought by dead buyers", zh: "死者买到的票" }
    pub(crate) fn daemons_gone() { en: "daemons gone with their parent", zh: "随父进程结束的守护进程" }
    pub(crate) fn longest_stall() { en: "longest stall", zh: "最长停顿" }
    pub(crate) fn longest_call() { en: "longest call", zh: "最长调用" }
    pub(crate) fn longest_overrun() { en: "longest time beyond a deadline", zh: "超过期限的最长时间" }
    pub(crate) fn stopped_inside() { en: "stopped for long inside an operation", zh: "在操作中被长时间暂停" }
    pub(crate) fn stalled_calls() { en: "calls that named a stopped worker", zh: "指出被暂停者的调用" }
    pub(crate) fn executed() { en: "executed another program with an item", zh: "持有一件时执行了另一个程序" }
    pub(crate) fn without_proc() { en: "worked without /proc", zh: "在没有 /proc 的情况下工作" }
    pub(crate) fn namespaces() { en: "rounds in a pid namespace of their own", zh: "在独立 pid 命名空间中的轮次" }
    pub(crate) fn namespaces_refused() {
        en: "rounds to which the system gave no pid namespace", zh: "系统没有给出 pid 命名空间的轮次"
    }
    pub(crate) fn pids_reused() { en: "started with the pid of a dead worker", zh: "启动时得到死去工作者的 pid" }
    pub(crate) fn debugged() { en: "stopped by a debugger, and let go", zh: "被调试器暂停后放行" }
    pub(crate) fn debuggers_died() { en: "debuggers that died while attached", zh: "附着时死去的调试器" }
    pub(crate) fn killed_with_debugger() { en: "killed with their debugger", zh: "随调试器一起被杀" }
    pub(crate) fn debuggers_refused() { en: "debuggers that the system refused", zh: "系统拒绝的调试器" }
    pub(crate) fn runs_of_sections() { en: "runs of sections", zh: "章节程序的运行" }
    pub(crate) fn longest_end() {
        en: "longest time that a section went on after it was due", zh: "章节程序在应结束后继续运行的最长时间"
    }
    pub(crate) fn longest_outlived() {
        en: "longest time a daemon outlived its parent", zh: "守护进程活过父进程的最长时间"
    }

    // errors
    pub(crate) fn this_program() { en: "this program", zh: "本程序" }
    pub(crate) fn tour_is_missing(path, release, name) {
        en: "cannot kill processes of sections: {path} is missing; `cargo build{release} -p {name}` builds it",
        zh: "无法杀死章节程序的进程:缺少 {path};用 `cargo build{release} -p {name}` 构建它"
    }
    pub(crate) fn round_broke(number, promise, repeat) {
        en: "round {number} broke \"{promise}\"; {repeat}", zh: "第 {number} 轮违背了“{promise}”;{repeat}"
    }
    pub(crate) fn repeat_with(command) { en: "repeat with `{command}`", zh: "用 `{command}` 重复" }
    pub(crate) fn repeat_with_or_alone(command, round) {
        en: "repeat with `{command}`, or its round alone with `{command} --round {round}`",
        zh: "用 `{command}` 重复,或用 `{command} --round {round}` 只重复这一轮"
    }
    pub(crate) fn and_repeat(error, repeat) { en: "{error}; {repeat}", zh: "{error};{repeat}" }
    pub(crate) fn tickets_files_read() { en: "the tickets' files to be read", zh: "读完车票文件" }
    pub(crate) fn getter_asleep() { en: "a getter to sleep", zh: "取出者睡眠" }
    pub(crate) fn get_returned(what) {
        en: "it was closed and empty, and get returned {what}", zh: "它已关闭并已取空,而 get 返回 {what}"
    }
    pub(crate) fn a_section() { en: "a section", zh: "章节程序" }
    pub(crate) fn stalled(what, operations) { en: "{what} ({operations})", zh: "{what}({operations})" }
    pub(crate) fn in_no_operation() { en: "no worker is in an operation", zh: "没有工作者在操作中" }
    pub(crate) fn in_operation(role, index, operation, seconds) {
        en: "{role} {index} is in {operation} for {seconds:.1} s", zh: "{role} {index} 在{operation}中已 {seconds:.1} 秒"
    }
    pub(crate) fn a_worker() { en: "worker", zh: "工作者" }
    pub(crate) fn worker_to_end(role) { en: "a {role} to end", zh: "{role}结束" }
    pub(crate) fn killed_to_die() { en: "a killed worker to die", zh: "被杀的工作者死亡" }
    pub(crate) fn to_hit(role, place) { en: "a {role} to hit {place}", zh: "{role}到达 {place}" }
    pub(crate) fn new_to_hit(role, place) { en: "a new {role} to hit {place}", zh: "新的{role}到达 {place}" }
    pub(crate) fn progress_after(cause) { en: "progress after a death at {cause}", zh: "死于 {cause} 之后的进展" }
    pub(crate) fn to_die_with_debugger() { en: "a worker to die with its debugger", zh: "工作者随调试器一起死亡" }
    pub(crate) fn debugger_to_end() { en: "a debugger to end", zh: "调试器结束" }
    pub(crate) fn executed_to_hold_nothing() {
        en: "a program that was executed to hold nothing", zh: "被执行的程序不再持有任何东西"
    }
    pub(crate) fn join_to_return() { en: "join to return", zh: "join 返回" }
    pub(crate) fn queue_to_close() { en: "a queue to be closed", zh: "队列关闭" }
    pub(crate) fn without_a_kill() { en: "without a kill", zh: "没有被杀" }
    pub(crate) fn after_a_kill_of(pid) { en: "after a kill of {pid}", zh: "{pid} 被杀之后" }
    pub(crate) fn ended(name, end, hit, said) {
        en: "{name} ended with {end} {hit} and said {said}", zh: "{name} 在{hit}结束:{end},并说 {said}"
    }
    pub(crate) fn ended_too_late(name, end, hit, said) {
        en: "{name} ended too late with {end} {hit} and said {said}", zh: "{name} 在{hit}过晚结束:{end},并说 {said}"
    }
    pub(crate) fn listed(first, next) { en: "{first}, {next}", zh: "{first},{next}" }

    // --compare
    pub(crate) fn consumer_with_an_item() { en: "a consumer that holds an item", zh: "持有一件的消费者" }
    pub(crate) fn waiter_in_get() { en: "a process that waits in get", zh: "在 get 中等待的进程" }
    pub(crate) fn holder_of_a_lock() { en: "a holder of a lock", zh: "持锁者" }
    pub(crate) fn parent_of_a_daemon() { en: "the parent of a daemon", zh: "守护进程的父进程" }
    pub(crate) fn join_returns() { en: "join returns", zh: "join 返回" }
    pub(crate) fn others_can_get() { en: "others can get", zh: "其他进程能 get" }
    pub(crate) fn others_can_lock() { en: "others can lock", zh: "其他进程能加锁" }
    pub(crate) fn daemon_ends() { en: "the daemon ends", zh: "守护进程结束" }
    pub(crate) fn worker_of_a_pool() { en: "a worker of Pool", zh: "Pool 中正在执行任务的工作进程" }
    pub(crate) fn worker_of_an_executor() {
        en: "a worker of ProcessPoolExecutor", zh: "ProcessPoolExecutor 中正在执行任务的工作进程"
    }
    pub(crate) fn map_returns() { en: "map returns", zh: "map 返回" }
    pub(crate) fn no_task_is_lost() { en: "no task is lost", zh: "任务一个不丢" }
    pub(crate) fn harmless_here(killed, wanted) {
        en: "kill -9 {killed}: {wanted} here, every time", zh: "kill -9 {killed}:在这里{wanted},每次如此"
    }
    pub(crate) fn ours(wanted) { en: "ours: {wanted}", zh: "这里:{wanted}" }
    pub(crate) fn ours_longest_until(wanted) { en: "ours: longest until {wanted}", zh: "这里:{wanted}之前的最长时间" }
    pub(crate) fn python(wanted) { en: "Python: {wanted}", zh: "Python:{wanted}" }
    pub(crate) fn kill_of() { en: "kill -9 of", zh: "kill -9" }
    pub(crate) fn what_is_wanted(killed, wanted) { en: "{killed}: {wanted}", zh: "{killed}:{wanted}" }
    pub(crate) fn held_here(held, tries, longest) {
        en: "{held} of {tries} tries, after {longest} at most", zh: "{tries} 次中 {held} 次,最多 {longest}"
    }
    pub(crate) fn microseconds(time) { en: "{time} µs", zh: "{time} 微秒" }
    pub(crate) fn milliseconds(time) { en: "{time:.0} ms", zh: "{time:.0} 毫秒" }
    pub(crate) fn held_in_python(held, tries, seconds) {
        en: "{held} of {tries} tries, within {seconds} s", zh: "{tries} 次中 {held} 次,{seconds} 秒之内"
    }
    pub(crate) fn python_is_missing() { en: "python3 is missing", zh: "没有 python3" }
    pub(crate) fn python_ended_with(exit) { en: "python3 ended with {exit}", zh: "python3 以 {exit} 结束" }
    pub(crate) fn python_is_silent() { en: "python3 did not answer", zh: "python3 没有回答" }

    // units
    pub(crate) fn processes() { en: "processes", zh: "个进程" }
    pub(crate) fn items() { en: "items", zh: "件" }
    pub(crate) fn deliveries() { en: "deliveries", zh: "次投递" }
    pub(crate) fn joins() { en: "joins", zh: "次" }
    pub(crate) fn changes_unit() { en: "changes", zh: "次" }
    pub(crate) fn tickets_unit() { en: "tickets", zh: "张票" }
    pub(crate) fn calls() { en: "calls", zh: "次调用" }
    pub(crate) fn records() { en: "records", zh: "条记录" }
    pub(crate) fn runs() { en: "runs", zh: "次运行" }
    pub(crate) fn rounds() { en: "rounds", zh: "轮" }
    pub(crate) fn tries() { en: "tries", zh: "次" }
}
