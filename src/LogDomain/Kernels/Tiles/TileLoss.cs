namespace LogDomain.Kernels.Tiles;

/// <summary>What is made of the logits, which exist a tile at a time only. Called from several threads, never at once for the same range or the same query.</summary>
internal abstract class TileLoss
{
    /// <summary>Before the tiles of a group of queries are seen.</summary>
    public virtual void BeginGroup(int firstQuery, int queries)
    {
    }

    /// <summary>Reduces a tile, and may overwrite it. The tiles of a range come in the order of their keys.</summary>
    public abstract void See(in LogitTile tile);

    /// <summary>After all tiles of a group of queries: joins the ranges in their order.</summary>
    public virtual void EndGroup(int firstQuery, int queries)
    {
    }

    /// <summary>After all groups, before anything is differentiated.</summary>
    public virtual void End()
    {
    }

    /// <summary>Overwrites each logit by the derivative of the loss by it, when all tiles have been seen. Called for the tiles of a block of keys at once.</summary>
    public abstract void Differentiate(in LogitTile tile);
}
