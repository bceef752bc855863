namespace LogDomain;

/// <summary>What number types whose logarithms have different types need to know of each other to convert.</summary>
internal interface ILogNumber
{
    /// <summary>The logarithm of the magnitude.</summary>
    double Log { get; }

    bool IsNegative { get; }
}
