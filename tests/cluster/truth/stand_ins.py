"""What one node of an old Kubernetes cannot show, and the tests against a played API server that stand in for it."""

_VERDICT, _LOGS = "tests/pods/test_pod_verdict.py", "tests/pods/test_pod_logs.py"
_ENDINGS, _TRIES = "tests/pods/test_operator_endings.py", "tests/pods/test_operator_tries.py"

STAND_INS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "a drain of newer versions, preemption and lost nodes, told by the condition `DisruptionTarget` or the pod's reason",
        (f"{_VERDICT}::test_each_end_is_what_it_is",),
    ),
    (
        "a second node: here a node is lost by stopping its kubelet, and the pod's processes run on (6)",
        (f"{_ENDINGS}::test_a_pod_that_vanishes_is_lost", f"{_VERDICT}::test_each_end_is_what_it_is"),
    ),
    (
        "what registries answer (404, 429, 5xx): here every pull is refused at once (7b)",
        (f"{_ENDINGS}::test_an_image_that_cannot_be_had_is_told_at_once",),
    ),
    (
        "a quota, a Role that lacks a verb, a webhook that refuses",
        (
            f"{_VERDICT}::test_a_refused_pod_is_tried_again_where_that_may_help",
            f"{_TRIES}::test_a_pod_that_the_api_server_refuses_is_told_without_its_spec",
        ),
    ),
    (
        "clocks of worker and node that differ, which would ask for too little of a log",
        (f"{_LOGS}::test_a_follower_rides_out_dropped_connections_whatever_the_clocks",),
    ),
    (
        "the seal of an extractor in the place of a receipt (8)",
        (
            f"{_ENDINGS}::test_exit_0_without_a_seal_is_no_success",
            f"{_ENDINGS}::test_deleted_half_way_is_no_success_even_with_exit_0_and_a_seal",
        ),
    ),
)
