"""Runs the approval in memory with SpiffWorkflow and prints whole approvals a second."""

import sys
import time

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.util.task import TaskState


def approve(specification):
    workflow = BpmnWorkflow(specification)
    workflow.do_engine_steps()
    steps = 0
    while True:
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        if task is None:
            break
        task.data["opinion"] = "同意"
        task.run()
        workflow.do_engine_steps()
        steps += 1
    if steps != 6 or not workflow.is_completed():
        sys.exit(f"{steps} steps, completed: {workflow.is_completed()}")


def main():
    parser = BpmnParser()
    parser.add_bpmn_file(sys.argv[1])
    specification = parser.get_spec("approval")
    approve(specification)
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < 3:
        approve(specification)
        count += 1
    print(count / (time.perf_counter() - begun))


main()
