namespace LogDomain.Kernels.Tiles;

/// <summary>Where the gradients of a loss of logits go. Each may be null.</summary>
internal readonly unsafe struct LinearGradients
{
    /// <summary>Elements as the queries. Rows that are no queries hold anything in the end: their places serve as memory meanwhile.</summary>
    public void* Queries { get; init; }

    /// <summary>Elements as the keys.</summary>
    public void* Keys { get; init; }

    /// <summary>One a key, to which the gradient is added.</summary>
    public double* Bias { get; init; }

    /// <summary>Tiles whose derivatives are all smaller are taken for 0; 0 for none.</summary>
    public float Filter { get; init; }

    /// <summary>Whether what the forward pass gives is known already.</summary>
    public bool FollowOthers { get; init; }

    public bool AreWanted => Queries != null || Keys != null || Bias != null;
}
