namespace LogDomain.Peers;

/// <summary>What is compared. All of it works on the rows of a dense matrix.</summary>
internal enum Operation
{
    LogSumExp,
    SoftMax,
    LogSoftMax,
    CrossEntropy,
    CrossEntropyGradient,
}
