using SkTuning.Models;

namespace SkTuning.Tests.Models;

public sealed class BackwardFailureTests
{
    [Fact]
    public void Each_thread_has_its_own_and_reports_the_first_of_several_once()
    {
        var here = BackwardFailure.Here;
        Elsewhere(() =>
        {
            here.Note("A part could not be made", new InvalidOperationException("out of memory\nhere"));      // as libtorch's own threads do
            here.Note("Another could not be made", new InvalidOperationException("too late"));
            BackwardFailure.Throw();                                                                      // that thread's own: none
        });
        var told = Assert.ThrowsAny<SkTuningException>(BackwardFailure.Throw);
        Assert.Equal("A part could not be made in the last backward pass (out of memory here), so its gradients are NaN.", told.Message);
        Assert.True(Devices.IsOutOfMemory(told));
        BackwardFailure.Throw();
        here.Note("A part could not be made", new InvalidOperationException("again"));
        BackwardFailure.Forget();
        BackwardFailure.Throw();
    }

    [Fact]
    public void Passes_within_a_backward_pass_belong_to_it_on_any_thread()
    {
        var here = BackwardFailure.Here;
        Elsewhere(() =>
        {
            var own = BackwardFailure.Here;
            here.During(() =>
            {
                BackwardFailure.Here.Note("A part could not be made", new InvalidOperationException("why"));
                return 0;
            });
            Assert.Same(own, BackwardFailure.Here);
            BackwardFailure.Throw();
        });
        Assert.Contains("why", Assert.ThrowsAny<SkTuningException>(BackwardFailure.Throw).Message);
    }

    private static void Elsewhere(Action work)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try { work(); }
            catch (Exception e) { failure = e; }
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
