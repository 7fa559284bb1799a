namespace SkTuning.Server.Http;

/// <summary>The exception for a request that is answered with a problem.</summary>
internal sealed class RefusedException(int status, string detail, Exception? cause = null) : Exception(detail, cause)
{
    /// <summary>The status code of the answer.</summary>
    public int Status => status;
}
