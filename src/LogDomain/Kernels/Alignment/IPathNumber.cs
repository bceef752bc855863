namespace LogDomain.Kernels.Alignment;

/// <summary>What paths are added up in: + over paths, * along one.</summary>
internal interface IPathNumber<TSelf>
    where TSelf : struct, IPathNumber<TSelf>
{
    static abstract TSelf Nothing { get; }

    static abstract TSelf FromLog(double value);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    /// <summary>The same number in the form in which it is kept.</summary>
    TSelf Normalised();
}
