"""The one place where configuration is read; everything else takes plain arguments."""

from pathlib import Path

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from vigie.ingest.documents import Audience


class Settings(BaseSettings):
    """Read once from `VIGIE_…` environment variables; an error names key, value and form."""

    model_config = SettingsConfigDict(env_prefix="VIGIE_", extra="ignore")

    data_dir: Path = Field(Path("var"), description="Dossier de l’index et de la base")
    database_url: str | None = Field(None, description="Base SQL ; vide = SQLite dans data_dir")
    qdrant_url: HttpUrl | None = Field(None, description="Serveur Qdrant ; vide = moteur embarqué")
    qdrant_api_key: SecretStr | None = Field(None, description="Clé du serveur Qdrant")
    embedder: str = Field("auto", description="auto, packaged, whitened, demo, ou nom/dossier")
    reranker: str | None = Field(None, description="Nom/dossier d’un cross-encoder ; vide = aucun")
    threads: int = Field(2, ge=1, le=64, description="Fils d’exécution du calcul des vecteurs")
    llm_url: HttpUrl | None = Field(None, description="Serveur compatible OpenAI, si voulu")
    llm_model: str = Field("", description="Nom du modèle sur ce serveur")
    llm_api_key: SecretStr | None = Field(None, description="Clé de ce serveur")
    llm_seconds: float = Field(30, gt=0, le=600, description="Durée maximale d’une réponse générée")
    host: str = Field("127.0.0.1", description="Adresse d’écoute")
    port: int = Field(8000, ge=0, le=65535, description="Port d’écoute ; 0 = un port libre")
    public_url: HttpUrl | None = Field(None, description="Adresse publique, pour les liens")
    chat_audience: Audience = Field(
        Audience.PUBLIC, description="Ce que voit un visiteur sans clé (public, partner, staff)"
    )
    staff_key: SecretStr | None = Field(None, description="Clé donnant accès à l’audience staff")
    partner_key: SecretStr | None = Field(None, description="Clé donnant accès à partner")
    mcp_public: bool = Field(False, description="MCP sans clé, documents publics seuls")
    oidc_issuer: str | None = Field(None, description="Fournisseur d’identité OpenID Connect")
    oidc_client_id: str = Field("", description="Identifiant de Vigie chez ce fournisseur")
    oidc_client_secret: SecretStr | None = Field(None, description="Secret de Vigie chez lui")
    oidc_audiences: str = Field("", description="groupe=audience ou @domaine=audience, …")
    language: str = Field("fr", pattern="^(fr|en)$", description="Langue par défaut (fr, en)")
